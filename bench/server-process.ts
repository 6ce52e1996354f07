import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { ours } from "./children.ts";
import { onItsCore } from "./cores.ts";
import type { Peer } from "./peers.ts";

/** A peer's server while it runs. */
export interface ServerProcess {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  /** Milliseconds from the start of the command to the first byte of its first answer. */
  readonly startedInMs: number;
  stop(): Promise<void>;
}

/** How long a server may take to its first answer. */
const START_MS = 20_000;
const POLL_MS = 2;

/** Starts a peer on a free port of 127.0.0.1 and waits for its first answer. Throws when it ends or is silent. */
export async function startServer(peer: Peer, staticDirectory: string): Promise<ServerProcess> {
  const port = await freePort();
  const [program, args] = onItsCore("server", peer.command(port, staticDirectory));
  const environment = { ...process.env, STATIC_DIR: staticDirectory, NODE_ENV: "production" };
  const before = performance.now();
  const child = spawn(program, args, { env: environment, stdio: ["ignore", "ignore", "inherit"] });
  ours(child);
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`${peer.name} ended with ${child.exitCode}`);
    if (performance.now() - before > START_MS) {
      await stop(child);
      throw new Error(`${peer.name} does not answer`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const startedInMs = performance.now() - before;
  const url = `http://127.0.0.1:${port}`;
  return { pid: child.pid ?? 0, port, url, startedInMs, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

/** A port of 127.0.0.1 that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Whether somebody answers a GET there. */
async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const answered = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => socket.write("GET / HTTP/1.1\r\nHost: bench\r\n\r\n"));
    socket.once("data", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  });
  socket.destroy();
  return answered;
}
