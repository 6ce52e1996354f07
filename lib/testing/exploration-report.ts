/** One thing that was wrong, and how to see it again. */
export interface Finding {
  /** What was wrong, in words, with the place in the program where that is known. */
  readonly problem: string;
  /** When: `the client leaves by reset, just after step 4 (the clock has reached 2000 ms)`. */
  readonly when: string;
  /** One line that does the same again, alone. */
  readonly reproduction: string;
  /** In how many runs it was seen. */
  readonly runs: number;
}

/** Something wrong in one run. */
export interface Observation {
  readonly problem: string;
  readonly when: string;
  readonly reproduction: string;
}

/** What an exploration has found. */
export class ExplorationReport {
  /** What the scenario consists of, in words, in order. */
  readonly steps: readonly string[];
  /** How many times it was played. */
  readonly runs: number;
  /** What was wrong; each thing once, as it was first seen. Empty when all is well. */
  readonly findings: readonly Finding[];

  constructor(steps: readonly string[], runs: number, observations: readonly Observation[]) {
    this.steps = steps;
    this.runs = runs;
    this.findings = findingsIn(observations);
  }

  /** Throws an Error that tells the findings in words; returns when there are none. */
  assertClean(): void {
    if (this.findings.length === 0) return;
    const told = this.findings.map(({ problem, when, reproduction, runs }, index) =>
      [
        `${index + 1}. ${problem}`,
        `   when ${when}${runs > 1 ? `, and in ${runs - 1} more of ${this.runs} runs` : ""}`,
        `   again: ${reproduction}`,
      ].join("\n"),
    );
    throw new Error(`the exploration has found:\n${told.join("\n")}`);
  }
}

/** One for each problem, whatever the times in it. */
function findingsIn(observations: readonly Observation[]): readonly Finding[] {
  const findings = new Map<string, Finding>();
  for (const observation of observations) {
    const key = observation.problem.replace(/\d+(?:\.\d+)? ms/g, "");
    const known = findings.get(key) ?? { ...observation, runs: 0 };
    findings.set(key, { ...known, runs: known.runs + 1 });
  }
  return [...findings.values()];
}
