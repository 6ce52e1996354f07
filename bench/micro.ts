// What is measured inside one process, without sockets or a server.
import { loopWorkload } from "./measure/loop.ts";
import type { Workload } from "./measure/workload.ts";

export const MICRO_WORKLOADS: readonly Workload[] = [
  loopWorkload("dispatch", "a request in memory, without sockets", {
    weftline: "loops/dispatch.ts",
    "fastify.inject": "peers/inject.mjs",
  }),
];
