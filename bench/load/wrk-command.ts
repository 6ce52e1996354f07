import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadThreads } from "../cores.ts";
import { scratch } from "../scratch.ts";
import type { Load } from "./load.ts";
import type { RequestText } from "./request-text.ts";

/** The command that runs wrk and prints a `LoadResult` as its last line. */
export function wrkCommand(port: number, load: Load, seconds: number): readonly string[] {
  const script = join(mkdtempSync(join(scratch, "wrk-")), "request.lua");
  writeFileSync(script, `${requestFunction(load.text)}\n${REPORT}`);
  const threads = String(Math.min(loadThreads, load.connections));
  const size = ["-t", threads, "-c", String(load.connections), "-d", `${Math.ceil(seconds)}s`];
  return ["wrk", ...size, "--timeout", "20s", "-s", script, `http://127.0.0.1:${port}/`];
}

function requestFunction(text: RequestText): string {
  // JSON's escapes of printable ASCII, CR and LF are Lua's too
  const before = JSON.stringify(text.before);
  if (!text.counted) {
    return `local text = string.rep(${before}, ${text.depth})\nrequest = function() return text end`;
  }
  return `local n = 100000000
local before, after = ${before}, ${JSON.stringify(text.after)}
request = function() n = n + 1; return before .. n .. after end`;
}

const REPORT = `
done = function(summary, latency, requests)
  local e = summary.errors
  local errors = e.connect + e.read + e.write + e.status + e.timeout
  io.write(string.format(
    '{"requests":%d,"seconds":%f,"errors":%d,"p50Ms":%f,"p99Ms":%f}\\n',
    summary.requests, summary.duration / 1e6, errors, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
`;
