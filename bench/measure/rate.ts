// Requests over keep-alive connections for some seconds: what the server's CPU takes for one, and how many there are a second.
import type { Load } from "../load/load.ts";
import { runLoad } from "../load/run-load.ts";
import { type Peer, serves } from "../peers.ts";
import { cpuSeconds } from "../process-figures.ts";
import { startServer } from "../server-process.ts";
import { staticDirectory } from "../static-files.ts";
import type { Contestant, Measurable, Metric, Workload } from "./workload.ts";

export const CPU_PER_REQUEST: Metric = {
  key: "cpuUs",
  title: "CPU µs/request",
  better: "less",
  digits: 2,
};
const METRICS: readonly Metric[] = [
  CPU_PER_REQUEST,
  { key: "rate", title: "requests/s", better: "more", digits: 0 },
  { key: "p50Ms", title: "median ms", better: "less", digits: 2 },
  { key: "p99Ms", title: "99 % ms", better: "less", digits: 2 },
];

/** A workload of requests. */
export function rateWorkload(name: string, title: string, load: Load): Workload {
  return {
    name,
    title,
    metrics: METRICS,
    contestants: (peers) =>
      peers.filter((peer) => serves(peer, name)).map((peer) => rateContestant(peer, load)),
  };
}

/** A server is warmed up for as long as a round lasts, at most. */
const WARM_SECONDS = 2;

export function rateContestant(peer: Peer, load: Load): Contestant {
  return {
    name: peer.name,
    async open(): Promise<Measurable> {
      const server = await startServer(peer, staticDirectory());
      let warm = false;
      return {
        async sample(seconds) {
          if (!warm) await runLoad(server.port, load, Math.min(seconds, WARM_SECONDS));
          warm = true;
          const before = cpuSeconds(server.pid);
          const result = await runLoad(server.port, load, seconds);
          const cpu = cpuSeconds(server.pid) - before;
          const { requests, errors, p50Ms, p99Ms } = result;
          if (errors > 0) console.warn(`  ${peer.name}: ${errors} errors in ${requests} requests`);
          return { cpuUs: (cpu / requests) * 1e6, rate: requests / result.seconds, p50Ms, p99Ms };
        },
        close: () => server.stop(),
      };
    },
  };
}
