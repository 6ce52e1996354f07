import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scratch } from "./scratch.ts";

const SIZES: Readonly<Record<string, number>> = {
  "1k.txt": 1024,
  "100k.txt": 100 * 1024,
  "10m.txt": 10 * 1024 * 1024,
};

let directory: string | undefined;

/** A folder with a file of each size, made when first asked for. */
export function staticDirectory(): string {
  if (directory !== undefined) return directory;
  directory = join(scratch, "static");
  mkdirSync(directory);
  for (const [name, bytes] of Object.entries(SIZES)) {
    writeFileSync(join(directory, name), "static\n".repeat(bytes / 7 + 1).slice(0, bytes));
  }
  return directory;
}
