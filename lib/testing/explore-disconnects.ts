import { ExplorationReport, type Observation } from "./exploration-report.ts";
import { type Departure, ExploredRun, type Manner, type Scenario } from "./explored-run.ts";
import { keptAlive } from "./kept-alive.ts";
import { Random } from "./random.ts";

/** What {@link exploreDisconnects} explores, and how. */
export interface ExploreDisconnectsOptions extends Scenario {
  /** Which runs are made where there are more than `maxRuns`; 1. */
  readonly seed?: number;
  /** A scenario with more ways to leave than this is sampled. 500. */
  readonly maxRuns?: number;
  /** Only this run, as a finding names it: `after step 4 by reset`. */
  readonly only?: string;
}

const DEFAULT_MAX_RUNS = 500;
const MANNERS: readonly Manner[] = ["close", "reset", "stall"];
const ONLY = /^(before|after) step (\d+) by (close|reset|stall)$/;

/**
 * Plays a scenario once to learn its steps, then again for each step, with the client leaving just before and just after it: by closing, by a
 * reset, and by neither reading nor writing any more.
 *
 * A step is a part of the request that the client sends, a write of the server's, or a moment at which a delayed call falls due. The clock is
 * moved to the next such moment whenever nothing else can happen. After each run nothing may be left that the request has started: a
 * delayed call (also if it would end by itself), a Deferred, a render method that has not ended, a held lock, an open connection. Nothing may
 * have thrown, no rejection be unhandled, the `invariant` must hold, and nothing may keep the request alive in memory.
 *
 * "Just before" is when all that could happen has happened; "just after" is in the same moment, before any promise gets on. What a client
 * does next, once it has left, does not count. The same seed gives the same runs. All time must come from the clock. Nobody else in the
 * process learns of unhandled rejections meanwhile, so do not run it beside other tests.
 */
export async function exploreDisconnects(
  options: ExploreDisconnectsOptions,
): Promise<ExplorationReport> {
  const { seed = 1, only } = options;
  const learned = await new ExploredRun(options).play();
  const observations = learned.problems.map((problem) => ({
    problem,
    when: "nobody leaves",
    reproduction: "exploreDisconnects({ site, drive })",
  }));
  const runs = new Map<ExploredRun, Observation>();
  const departures = only === undefined ? departuresFrom(learned, options) : [parse(only)];
  for (const departure of departures) {
    // oxlint-disable-next-line no-await-in-loop -- runs must not disturb each other
    const run = await new ExploredRun(options, departure).play();
    const about = describe(departure, learned, seed);
    runs.set(run, about);
    const problems = [...run.problems, ...strayings(run, learned, departure)];
    observations.push(...problems.map((problem) => ({ ...about, problem })));
  }
  observations.push(...(await memories(runs)));
  return new ExplorationReport(
    learned.steps.map(({ words }) => words),
    runs.size + 1,
    observations,
  );
}

/** All ways to leave, or a sample of them, in order. */
function departuresFrom(
  { steps }: ExploredRun,
  { seed = 1, maxRuns = DEFAULT_MAX_RUNS }: ExploreDisconnectsOptions,
): readonly Departure[] {
  const all = steps.flatMap(({ isStimulus, isWithin }, index) => {
    // What comes about within another step is left after together with that; before an answer is after what led to it.
    const whens = isStimulus ? (["before", "after"] as const) : (["after"] as const);
    if (isWithin) return [];
    return whens.flatMap((when) => MANNERS.map((manner) => ({ when, step: index + 1, manner })));
  });
  if (all.length <= maxRuns) return all;
  const random = new Random(seed);
  const chosen = new Set(random.shuffled(all).slice(0, maxRuns));
  return all.filter((departure) => chosen.has(departure));
}

function parse(only: string): Departure {
  const [, when, step, manner] = ONLY.exec(only) ?? [];
  const known = MANNERS.find((one) => one === manner);
  if (known !== undefined && (when === "before" || when === "after")) {
    return { when, step: Number(step), manner: known };
  }
  throw new TypeError(`only: ${JSON.stringify(only)} is not like "after step 4 by reset"`);
}

function describe(
  { when, step, manner }: Departure,
  { steps }: ExploredRun,
  seed: number,
): Observation {
  const words = steps[step - 1]?.words ?? "which there is not";
  return {
    problem: "",
    when: `the client leaves by ${manner}, just ${when} step ${step} (${words})`,
    reproduction: `exploreDisconnects({ site, drive, seed: ${seed}, only: "${when} step ${step} by ${manner}" })`,
  };
}

/** A run that took other steps than the first up to the leaving: then the program does not do the same each time. */
function strayings(
  run: ExploredRun,
  learned: ExploredRun,
  departure: Departure,
): readonly string[] {
  const index = run.steps
    .slice(0, departure.step)
    .findIndex(({ words }, at) => words !== learned.steps[at]?.words);
  if (index === -1) return [];
  const [now, before] = [run, learned].map(({ steps }) => String(steps[index]?.words));
  return [
    `the program does not do the same each time: step ${index + 1} is now "${now}", it was "${before}"`,
  ];
}

/** Requests of these runs that something still keeps. */
async function memories(
  runs: ReadonlyMap<ExploredRun, Observation>,
): Promise<readonly Observation[]> {
  // Where something else is left, that is why.
  const clean = [...runs].filter(([{ problems }]) => problems.length === 0);
  const kept = new Set(await keptAlive(clean.flatMap(([run]) => run.requests)));
  return clean.flatMap(([run, about]) =>
    run.requests.some((reference) => kept.has(reference))
      ? [
          {
            ...about,
            problem: "left behind: the request in memory, which something of the program keeps",
          },
        ]
      : [],
  );
}
