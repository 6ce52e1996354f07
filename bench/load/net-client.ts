// The built-in load generator: `net-client.ts '{"port":…,"load":…,"seconds":…}'` prints a LoadResult.
// It takes more of its core than wrk does, so the rate that it reports may be its own; the server's CPU time is right all the same.
import { connect, type Socket } from "node:net";
import type { Load, LoadResult } from "./load.ts";
import type { RequestText } from "./request-text.ts";
import { ResponseCounter } from "./response-counter.ts";

interface Task {
  readonly port: number;
  readonly load: Load;
  readonly seconds: number;
}

const task: Task = JSON.parse(process.argv[2] ?? "");
const latencies: number[] = [];
let requests = 0;
let errors = 0;
let stopped = false;
let counter = 100_000_000;

function next(text: RequestText): string {
  if (!text.counted) return text.before.repeat(text.depth);
  counter += 1;
  return text.before + counter + text.after;
}

function open(): Socket {
  const { text } = task.load;
  const responses = new ResponseCounter();
  const socket = connect(task.port, "127.0.0.1");
  let waiting = 0;
  let sentAt = 0;
  const send = (): void => {
    waiting = text.depth;
    sentAt = performance.now();
    socket.write(next(text), "latin1");
  };
  socket.setNoDelay(true);
  socket.once("connect", send);
  socket.once("error", () => {
    if (!stopped) errors += 1;
  });
  socket.on("data", (bytes) => {
    if (stopped) return;
    const ended = responses.feed(bytes);
    requests += ended;
    waiting -= ended;
    if (waiting > 0) return;
    latencies.push(performance.now() - sentAt);
    errors += responses.failures;
    responses.failures = 0;
    send();
  });
  return socket;
}

function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

const started = performance.now();
const sockets = Array.from({ length: task.load.connections }, open);
setTimeout(() => {
  stopped = true;
  const seconds = (performance.now() - started) / 1000;
  for (const socket of sockets) socket.destroy();
  const sorted = latencies.toSorted((a, b) => a - b);
  const [p50Ms, p99Ms] = [percentile(sorted, 0.5), percentile(sorted, 0.99)];
  const result: LoadResult = { requests, seconds, errors, p50Ms, p99Ms };
  console.log(JSON.stringify(result));
}, task.seconds * 1000);
