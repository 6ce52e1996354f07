import { readFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { pinning } from "./cores.ts";
import { generator } from "./load/run-load.ts";
import type { Metric, Sample } from "./measure/workload.ts";

/** What was measured of one workload. */
export interface Measured {
  readonly name: string;
  readonly title: string;
  readonly metrics: readonly Metric[];
  /** The samples of each contestant, one a round; the first contestant is what the others are compared to. */
  readonly samples: Readonly<Record<string, readonly Sample[]>>;
}

/** Where it was measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly pinning: string;
  readonly generator: string;
  /** The day, ISO 8601. */
  readonly day: string;
}

/** A run, as `--json` writes it and `--from` reads it. */
export interface Results {
  readonly machine: Machine;
  readonly seconds: number;
  readonly rounds: number;
  readonly workloads: readonly Measured[];
  readonly growth: readonly Growth[];
}

/** How a figure grows with something else: one line for each of those measured. */
export interface Growth {
  readonly name: string;
  readonly title: string;
  /** What grows, with its unit. */
  readonly across: string;
  /** What it costs, with its unit. */
  readonly up: string;
  readonly lines: Readonly<Record<string, readonly Point[]>>;
}

export type Point = readonly [across: number, up: number];

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    kernel: release(),
    node: process.version,
    pinning,
    generator,
    day: new Date().toISOString().slice(0, 10),
  };
}

export function readResults(file: string): Results {
  const results: Results = JSON.parse(readFileSync(file, "utf8"));
  return results;
}
