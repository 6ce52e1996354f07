import { ExplorationReport, type Observation } from "./exploration-report.ts";
import { InterleavedRun } from "./interleaved-run.ts";
import { Random } from "./random.ts";
import type { Drive, Program } from "./stage.ts";

/** What {@link exploreTimings} explores, and how. */
export interface ExploreTimingsOptions extends Program {
  /** Each plays a client of its own, all at the same time on one program. */
  readonly drives: readonly Drive[];
  /** The first order that is drawn; the next runs take the seeds after it. 1. */
  readonly seed?: number;
  /** How many orders are tried. 100. */
  readonly runs?: number;
}

const DEFAULT_RUNS = 100;

/**
 * Plays several clients at the same time, many times over, in an order drawn at random each time: whose bytes come next, in which parts, and
 * when time moves on between them.
 *
 * It looks for the same as `exploreDisconnects`, but nobody leaves: after each run nothing may be left, nothing have thrown, and the
 * `invariant` must hold. The same seed gives the same orders. What the clients are answered is for `drives` to check: what one throws is a finding.
 */
export async function exploreTimings(options: ExploreTimingsOptions): Promise<ExplorationReport> {
  const { drives, seed: first = 1, runs = DEFAULT_RUNS } = options;
  const observations: Observation[] = [];
  let steps: readonly string[] = [];
  for (let seed = first; seed < first + runs; seed += 1) {
    // oxlint-disable-next-line no-await-in-loop -- runs must not disturb each other
    const run = await new InterleavedRun(options, drives, new Random(seed)).play();
    if (seed === first) steps = run.steps.map(({ words }) => words);
    const when = `things happen in this order:\n     ${run.steps.map(({ words }) => words).join("\n     ")}\n  `;
    const reproduction = `exploreTimings({ site, drives, seed: ${seed}, runs: 1 })`;
    observations.push(...run.problems.map((problem) => ({ problem, when, reproduction })));
  }
  return new ExplorationReport(steps, runs, observations);
}
