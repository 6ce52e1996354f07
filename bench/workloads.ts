import { BROWSER_FIELDS, requestText } from "./load/request-text.ts";
import { heldWorkload } from "./measure/held.ts";
import { rateWorkload } from "./measure/rate.ts";
import { startWorkload } from "./measure/start.ts";
import { transferWorkload } from "./measure/transfer.ts";
import type { Workload } from "./measure/workload.ts";
import { MICRO_WORKLOADS } from "./micro.ts";

/** Connections that the requests of most workloads share. */
const CONNECTIONS = 64;

/** What `npm run bench` measures when nothing else is asked for, in this order. */
export const WORKLOADS: readonly Workload[] = [
  rateWorkload("hello", "hello, 64 connections", {
    text: requestText("/"),
    connections: CONNECTIONS,
  }),
  rateWorkload("browser", "hello with a browser's twelve fields, one of them new each time", {
    text: requestText("/", { fields: BROWSER_FIELDS }),
    connections: CONNECTIONS,
  }),
  rateWorkload("pipelined", "hello, pipelined 16 deep", {
    text: requestText("/", { depth: 16 }),
    connections: CONNECTIONS,
  }),
  rateWorkload("user", "dynamic child", {
    text: requestText("/user/4711"),
    connections: CONNECTIONS,
  }),
  rateWorkload("tree", "tree, 4 deep", {
    text: requestText("/tree/a/b/c/d"),
    connections: CONNECTIONS,
  }),
  rateWorkload("echo", "POST echo of 1 KiB", {
    text: requestText("/echo", {
      method: "POST",
      fields: [["Content-Type", "application/octet-stream"]],
      body: "x".repeat(1024),
    }),
    connections: CONNECTIONS,
  }),
  rateWorkload("deferred", "answer deferred by 10 ms, 256 connections", {
    text: requestText("/held?ms=10"),
    connections: 256,
  }),
  heldWorkload("held-10k", 10_000),
  heldWorkload("held-20k", 20_000),
  transferWorkload("down"),
  transferWorkload("up"),
  rateWorkload("static-1k", "static file of 1 KiB", {
    text: requestText("/static/1k.txt"),
    connections: CONNECTIONS,
  }),
  rateWorkload("static-100k", "static file of 100 KiB", {
    text: requestText("/static/100k.txt"),
    connections: 32,
  }),
  rateWorkload("static-10m", "static file of 10 MiB", {
    text: requestText("/static/10m.txt"),
    connections: 8,
  }),
  startWorkload,
  ...MICRO_WORKLOADS,
];

/** Those whose names begin as one of `beginnings`, or all. Throws a RangeError for a beginning that fits none. */
export function chooseWorkloads(beginnings: readonly string[]): readonly Workload[] {
  if (beginnings.length === 0) return WORKLOADS;
  for (const beginning of beginnings) {
    if (!WORKLOADS.some(({ name }) => name.startsWith(beginning))) {
      throw new RangeError(`no workload ${beginning}`);
    }
  }
  return WORKLOADS.filter(({ name }) => beginnings.some((beginning) => name.startsWith(beginning)));
}
