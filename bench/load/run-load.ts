import { spawn } from "node:child_process";
import { once } from "node:events";
import { text as allText } from "node:stream/consumers";
import { ours } from "../children.ts";
import { installed, onItsCore } from "../cores.ts";
import type { Load, LoadResult } from "./load.ts";
import { netCommand } from "./net-command.ts";
import { wrkCommand } from "./wrk-command.ts";

/** Which generator is used: `wrk` where it is installed, else our own client. */
export const generator: "wrk" | "net" =
  installed("wrk") && process.env["BENCH_LOAD"] !== "net" ? "wrk" : "net";

/** Loads the server on `port` for so many seconds, from the load's core. */
export async function runLoad(port: number, load: Load, seconds: number): Promise<LoadResult> {
  const command = generator === "wrk" ? wrkCommand : netCommand;
  const result: LoadResult = JSON.parse(await output(command(port, load, seconds)));
  return result;
}

/** Runs a command on the load's core; gives the last line that it prints. Throws when it fails. */
export async function output(command: readonly string[]): Promise<string> {
  const [program, args] = onItsCore("load", command);
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  ours(child);
  const [printed, [code]] = await Promise.all([allText(child.stdout), once(child, "exit")]);
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}`);
  return printed.trimEnd().split("\n").at(-1) ?? "";
}
