// One large body: how fast it goes through, and what the process grows to on the way.
import { output } from "../load/run-load.ts";
import { type Peer, serves, TYPESCRIPT } from "../peers.ts";
import { cpuSeconds, peakBytes } from "../process-figures.ts";
import { type ServerProcess, startServer } from "../server-process.ts";
import { staticDirectory } from "../static-files.ts";
import type { Contestant, Metric, Sample, Workload } from "./workload.ts";

const METRICS: readonly Metric[] = [
  { key: "rate", title: "MB/s", better: "more", digits: 0 },
  { key: "cpuMs", title: "CPU ms", better: "less", digits: 0 },
  { key: "peakMiB", title: "peak RSS MiB", better: "less", digits: 0 },
];

const MIB = 1024 * 1024;
const BYTES = 256 * MIB;

type Direction = "down" | "up";

export function transferWorkload(direction: Direction): Workload {
  return {
    name: direction,
    title: `256 MiB ${direction}`,
    metrics: METRICS,
    contestants: (peers) =>
      peers
        .filter((peer) => serves(peer, direction))
        .map((peer) => transferContestant(peer, direction)),
  };
}

/** A new server for each round, so that its peak is this transfer's. */
function transferContestant(peer: Peer, direction: Direction): Contestant {
  return {
    name: peer.name,
    open: () =>
      Promise.resolve({
        async sample() {
          const server = await startServer(peer, staticDirectory());
          try {
            return await transfer(server, direction);
          } finally {
            await server.stop();
          }
        },
        close: () => Promise.resolve(),
      }),
  };
}

async function transfer(server: ServerProcess, direction: Direction): Promise<Sample> {
  // One like it before: what is measured is code that has been compiled, as with requests.
  await move(server, direction, BYTES);
  const before = cpuSeconds(server.pid);
  const seconds = await move(server, direction, BYTES);
  const cpuMs = (cpuSeconds(server.pid) - before) * 1000;
  return { rate: BYTES / 1e6 / seconds, cpuMs, peakMiB: peakBytes(server.pid) / MIB };
}

async function move(server: ServerProcess, direction: Direction, bytes: number): Promise<number> {
  const file = new URL("../load/transfer-client.ts", import.meta.url).pathname;
  return Number(await output([...TYPESCRIPT, file, String(server.port), direction, String(bytes)]));
}
