// The server and what loads it run on different cores, where `taskset` is there to see to it.
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** Whether a program of this name is on the path. */
export function installed(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" }).status === 0;
}

const pinned = installed("taskset") && availableParallelism() > 1;
const loadCores = availableParallelism() > 2 ? "1,2" : "1";

/** How many threads the load generator may use. */
export const loadThreads: number = pinned && availableParallelism() > 2 ? 2 : 1;

/** What the table's head says about it. */
export const pinning: string = pinned ? `server on core 0, load on ${loadCores}` : "not pinned";

export type Side = "server" | "load";

/**
 * The command that runs `command` on its side's core, with as many file descriptors as the system allows.
 * It becomes the command itself (by exec), so the process id is the command's own.
 */
export function onItsCore(side: Side, command: readonly string[]): [string, string[]] {
  const core = side === "server" ? "0" : loadCores;
  const pin = pinned ? ["taskset", "-c", core] : [];
  const raise = 'ulimit -n 1048576 2>/dev/null || ulimit -n "$(ulimit -Hn)"; exec "$@"';
  return ["sh", ["-c", raise, "sh", ...pin, ...command]];
}
