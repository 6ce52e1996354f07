import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of this run's own. It goes when the process does. */
export const scratch: string = mkdtempSync(join(tmpdir(), "weftline-bench-"));

process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
