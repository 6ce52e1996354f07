// From the start of the command to the first answer.
import { CLI } from "../build.ts";
import type { Peer } from "../peers.ts";
import { residentBytes } from "../process-figures.ts";
import { startServer } from "../server-process.ts";
import { staticDirectory } from "../static-files.ts";
import type { Contestant, Metric, Workload } from "./workload.ts";

const METRICS: readonly Metric[] = [
  { key: "ms", title: "ms to first answer", better: "less", digits: 0 },
  { key: "rssMiB", title: "RSS MiB", better: "less", digits: 1 },
];

/** Weftline as its users start it: the built command. */
const command: Peer = {
  name: "weftline",
  installed: true,
  command: (port, directory) => {
    const endpoint = `tcp:${port}:interface=127.0.0.1`;
    return [process.execPath, CLI, "web", "--path", directory, "--listen", endpoint];
  },
};

export const startWorkload: Workload = {
  name: "start",
  title: "start of the command to its first answer",
  metrics: METRICS,
  contestants: (peers) =>
    peers.map((peer) => contestant(peer.name === "weftline" ? command : peer)),
};

function contestant(peer: Peer): Contestant {
  return {
    name: peer.name,
    open: () =>
      Promise.resolve({
        async sample() {
          const server = await startServer(peer, staticDirectory());
          const rssMiB = residentBytes(server.pid) / 1024 / 1024;
          await server.stop();
          return { ms: server.startedInMs, rssMiB };
        },
        close: () => Promise.resolve(),
      }),
  };
}
