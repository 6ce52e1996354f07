// Requests that wait: what one takes in memory, and what it takes to take them all back when their clients leave.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, get } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { ours } from "../children.ts";
import { onItsCore } from "../cores.ts";
import { requestText } from "../load/request-text.ts";
import { runLoad } from "../load/run-load.ts";
import { type Peer, serves, TYPESCRIPT } from "../peers.ts";
import { cpuSeconds, descriptorLimit, residentBytes } from "../process-figures.ts";
import { type ServerProcess, startServer } from "../server-process.ts";
import { staticDirectory } from "../static-files.ts";
import type { Contestant, Metric, Sample, Workload } from "./workload.ts";

const METRICS: readonly Metric[] = [
  { key: "bytes", title: "bytes of RSS each", better: "less", digits: 0 },
  { key: "cancelCpuMs", title: "CPU ms to cancel all", better: "less", digits: 0 },
  { key: "cancelMs", title: "ms to cancel all", better: "less", digits: 0 },
  { key: "openMs", title: "ms to open all", better: "less", digits: 0 },
  { key: "held", title: "held", better: "more", digits: 0 },
];

/** What GET /stats of a reference app says. */
interface Stats {
  readonly pending: number;
  readonly cancelled: number;
}

/** A workload of `count` held requests, or of as many as the limit of open files allows. */
export function heldWorkload(name: string, count: number): Workload {
  return {
    name,
    title: `${count.toLocaleString("en")} held requests, whose clients then all leave`,
    metrics: METRICS,
    contestants: (peers) =>
      peers.filter((peer) => serves(peer, name)).map((peer) => heldContestant(peer, count)),
  };
}

/** A new server for each round, since memory that was taken once is seldom given back. */
export function heldContestant(peer: Peer, count: number): Contestant {
  return {
    name: peer.name,
    open: () =>
      Promise.resolve({
        async sample() {
          const server = await startServer(peer, staticDirectory());
          try {
            return await hold(server, Math.min(count, descriptorLimit(server.pid) - DESCRIPTORS));
          } finally {
            await server.stop();
          }
        },
        close: () => Promise.resolve(),
      }),
  };
}

/** Files that a server has open besides the held connections. */
const DESCRIPTORS = 100;
/** How long memory may settle before it is read. */
const SETTLE_MS = 500;
const WARM_SECONDS = 1;
/** Few, so that the warming itself leaves little behind in memory. */
const WARM_CONNECTIONS = 4;

async function hold(server: ServerProcess, count: number): Promise<Sample> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await runLoad(
    server.port,
    { text: requestText("/held?ms=1"), connections: WARM_CONNECTIONS },
    WARM_SECONDS,
  );
  await until(server, agent, (stats) => stats.pending === 0);
  await sleep(SETTLE_MS);
  const before = residentBytes(server.pid);
  const begun = performance.now();
  const client = startClient(server.port, count);
  const { cancelled } = await until(server, agent, (stats) => stats.pending === count, client);
  const openMs = performance.now() - begun;
  await sleep(SETTLE_MS);
  const bytes = (residentBytes(server.pid) - before) / count;
  const cpu = cpuSeconds(server.pid);
  const left = performance.now();
  client.kill("SIGKILL");
  await until(server, agent, (stats) => stats.cancelled - cancelled === count);
  const cancelMs = performance.now() - left;
  const cancelCpuMs = (cpuSeconds(server.pid) - cpu) * 1000;
  agent.destroy();
  return { bytes, cancelCpuMs, cancelMs, openMs, held: count };
}

function startClient(port: number, count: number): ChildProcess {
  const file = new URL("../load/held-client.ts", import.meta.url).pathname;
  const command = [...TYPESCRIPT, file, String(port), String(count)];
  const client = spawn(...onItsCore("load", command), { stdio: ["ignore", "ignore", "inherit"] });
  return ours(client);
}

const POLL_MS = 5;
const PATIENCE_MS = 60_000;

/** Asks for the server's counters until they are as they should be. */
async function until(
  server: ServerProcess,
  agent: Agent,
  met: (stats: Stats) => boolean,
  client?: ChildProcess,
): Promise<Stats> {
  const begun = performance.now();
  for (;;) {
    const stats = await readStats(server.url, agent);
    if (met(stats)) return stats;
    if (client?.exitCode !== undefined && client.exitCode !== null) throw new Error("no client");
    if (performance.now() - begun > PATIENCE_MS) throw new Error(JSON.stringify(stats));
    await sleep(POLL_MS);
  }
}

async function readStats(url: string, agent: Agent): Promise<Stats> {
  const request = get(`${url}/stats`, { agent });
  const [response] = await once(request, "response");
  const stats: Stats = JSON.parse(await text(response));
  return stats;
}
