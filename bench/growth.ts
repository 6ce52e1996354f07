// How cost grows: one figure, measured again and again while one other thing grows.
import { builtApp } from "./build.ts";
import { plainFields, requestText } from "./load/request-text.ts";
import { heldWorkload } from "./measure/held.ts";
import { loopWorkload } from "./measure/loop.ts";
import { rateContestant, rateWorkload } from "./measure/rate.ts";
import type { Workload } from "./measure/workload.ts";
import type { Options } from "./options.ts";
import { choosePeers, type Peer } from "./peers.ts";
import type { Growth, Measured, Point } from "./results.ts";
import { measure } from "./rounds.ts";
import { median } from "./statistics.ts";
import { number, table } from "./table.ts";

/** Something that grows. */
interface Axis {
  readonly across: string;
  readonly steps: readonly number[];
  workload(step: number): Workload;
  /** What is drawn of it. */
  readonly drawn: readonly Drawn[];
}

interface Drawn {
  readonly name: string;
  readonly title: string;
  readonly up: string;
  /** The key of the metric. */
  readonly metric: string;
}

const deepTree: Peer = {
  name: "weftline",
  installed: true,
  command: (port) => builtApp("deep-tree", port),
};

const CPU = "server CPU, µs a request";

const AXES: readonly Axis[] = [
  {
    across: "connections",
    steps: [1, 4, 16, 64, 256, 1024, 4096],
    workload: (connections) =>
      rateWorkload("hello", `hello, ${connections} connections`, {
        text: requestText("/"),
        connections,
      }),
    drawn: [{ name: "connections", title: "A request, by connections", up: CPU, metric: "cpuUs" }],
  },
  {
    across: "fields in the request",
    steps: [1, 2, 4, 8, 16, 32, 64],
    workload: (fields) =>
      rateWorkload("hello", `hello with ${fields} fields`, {
        text: requestText("/", { fields: plainFields(fields - 1) }),
        connections: 64,
      }),
    drawn: [{ name: "fields", title: "A request, by header fields", up: CPU, metric: "cpuUs" }],
  },
  {
    across: "levels of the tree",
    steps: [1, 2, 4, 8, 16, 32, 64],
    workload: (depth) => {
      const text = requestText("/level".repeat(depth));
      const workload = rateWorkload("tree", `${depth} levels deep`, { text, connections: 64 });
      return {
        ...workload,
        contestants: () => [rateContestant(deepTree, { text, connections: 64 })],
      };
    },
    drawn: [{ name: "depth", title: "A request, by depth of the tree", up: CPU, metric: "cpuUs" }],
  },
  {
    across: "delayed calls pending",
    steps: [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000],
    workload: (pending) =>
      loopWorkload("pending", `callLater and cancel among ${pending}`, {
        weftline: `loops/pending.ts callLater ${pending}`,
        setTimeout: `loops/pending.ts setTimeout ${pending}`,
      }),
    drawn: [
      {
        name: "pending",
        title: "A delayed call made and cancelled, by those pending",
        up: "CPU, µs a call",
        metric: "cpuUs",
      },
    ],
  },
  {
    across: "requests held",
    steps: [1_000, 2_000, 5_000, 10_000, 20_000],
    workload: (count) => heldWorkload("held", count),
    drawn: [
      {
        name: "held-memory",
        title: "A held request in memory",
        up: "bytes of RSS each",
        metric: "bytes",
      },
      {
        name: "held-cancel",
        title: "All clients of held requests leave",
        up: "server CPU, ms until all are cancelled",
        metric: "cancelCpuMs",
      },
    ],
  },
];

/** Beside whom, where nobody was named. */
const USUAL_PEERS = ["node-http", "fastify"];

/** Measures every axis whose name or a plot's begins as `options.only` says, or all. */
export async function measureGrowth(options: Options): Promise<readonly Growth[]> {
  const peers = choosePeers(options.peers.length > 0 ? options.peers : USUAL_PEERS);
  const chosen = AXES.filter(({ drawn }) => drawn.some(({ name }) => asked(name, options.only)));
  const growth: Growth[] = [];
  for (const axis of chosen) growth.push(...(await along(axis, peers, options)));
  return growth;
}

function asked(name: string, only: readonly string[]): boolean {
  return only.length === 0 || only.some((beginning) => name.startsWith(beginning));
}

async function along(
  axis: Axis,
  peers: readonly Peer[],
  options: Options,
): Promise<readonly Growth[]> {
  const steps: [number, Measured][] = [];
  for (const step of axis.steps) {
    const workload = axis.workload(step);
    console.log(`  ${workload.title}`);
    steps.push([step, await measure(workload, peers, options)]);
  }
  const growth = axis.drawn.map((drawn) => grown(axis, drawn, steps));
  for (const one of growth) console.log(`\n${one.title}\n${growthTable(one)}`);
  return growth;
}

function grown(axis: Axis, drawn: Drawn, steps: readonly [number, Measured][]): Growth {
  const { name, title, up, metric } = drawn;
  const lines: Record<string, Point[]> = {};
  for (const [step, { samples }] of steps) {
    for (const [contestant, own] of Object.entries(samples)) {
      const line = (lines[contestant] ??= []);
      line.push([own[0]?.["held"] ?? step, median(own.map((sample) => sample[metric] ?? NaN))]);
    }
  }
  return { name, title, across: axis.across, up, lines };
}

/** The numbers of a plot: a row for each step. */
export function growthTable({ across, lines }: Growth): string {
  const names = Object.keys(lines);
  const steps = (lines[names[0] ?? ""] ?? []).map(([step]) => step);
  const rows = steps.map((step) => [
    number(step, 0),
    ...names.map((name) => {
      const up = lines[name]?.find(([at]) => at === step)?.[1] ?? NaN;
      return number(up, up < 100 ? 2 : 0);
    }),
  ]);
  return table([across, ...names], rows);
}
