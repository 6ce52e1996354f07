import { join } from "node:path";
import { TYPESCRIPT } from "../peers.ts";
import type { Load } from "./load.ts";

/** The command that runs our own load generator, for a machine without wrk. */
export function netCommand(port: number, load: Load, seconds: number): readonly string[] {
  const client = join(import.meta.dirname, "net-client.ts");
  return [...TYPESCRIPT, client, JSON.stringify({ port, load, seconds })];
}
