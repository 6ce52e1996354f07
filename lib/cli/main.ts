#!/usr/bin/env node
import { systemClock } from "../defer/clock.ts";
import { run } from "./run.ts";
import { Terminal } from "./terminal.ts";

/** How long a reader that is slow is waited for at the end. */
const FLUSH_MS = 1000;

const terminal = new Terminal(process.stdout, process.stderr);
const exitCode = await run(process.argv.slice(2), terminal);
systemClock.callLater(FLUSH_MS, () => process.exit(exitCode));
await terminal.flushed();
process.exit(exitCode); // connections and timers that a script has opened do not keep it
