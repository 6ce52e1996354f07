import { type FuzzCase, makeCase } from "./cases.ts";
import { type Difference, differenceOf } from "./compare.ts";
import { DIFFERENCES, type Reviewed, reviewed } from "./differences.ts";
import { NodeReader } from "./node-reading.ts";
import type { Reading } from "./reading.ts";
import { WeftlineReader } from "./weftline-reading.ts";

/** What a run of the fuzzer found. */
export interface FuzzReport {
  readonly cases: number;
  /** Cases that both read alike and refused nothing of. */
  readonly accepted: number;
  /** Cases that both read alike and refused. */
  readonly refused: number;
  /** How many cases each reviewed difference covers. */
  readonly settled: ReadonlyMap<Reviewed, number>;
  /** What nobody has looked at. */
  readonly failures: readonly FuzzFailure[];
}

export interface FuzzFailure {
  readonly seed: number;
  readonly why: string;
  readonly text: string;
  readonly ours: Reading;
  readonly theirs: Reading;
}

export interface FuzzOptions {
  /** The seed of the first case; each further one has the next. */
  readonly seed: number;
  readonly cases: number;
  /** Whether to stop before all cases are done; asked between batches. */
  readonly isOver?: () => boolean;
}

/** Connections that node:http reads at the same time. */
const BATCH = 128;

/** So many failures are enough to look at. */
const MOST_FAILURES = 20;

/** Reads the same bytes by Weftline and by node:http, case by case, and keeps what they take differently. */
export async function fuzz({ seed, cases, isOver }: FuzzOptions): Promise<FuzzReport> {
  const run = new Run();
  for (let done = 0; done < cases && !run.hasEnough; done += BATCH) {
    if (isOver?.() === true) break;
    const count = Math.min(BATCH, cases - done);
    // oxlint-disable-next-line no-await-in-loop -- more at once would only need more memory
    await run.take(Array.from({ length: count }, (_, at) => makeCase(seed + done + at)));
  }
  return run;
}

class Run implements FuzzReport {
  cases = 0;
  accepted = 0;
  refused = 0;
  readonly settled = new Map<Reviewed, number>(DIFFERENCES.map((one) => [one, 0]));
  readonly failures: FuzzFailure[] = [];
  readonly #node = new NodeReader();
  readonly #weftline = new WeftlineReader();

  get hasEnough(): boolean {
    return this.failures.length >= MOST_FAILURES;
  }

  async take(cases: readonly FuzzCase[]): Promise<void> {
    const theirs = await this.#node.read(cases.map(({ pieces }) => pieces));
    for (const [at, one] of cases.entries()) {
      this.#judge(one, this.#weftline.read(one.pieces), theirs[at]);
    }
    this.cases += cases.length;
  }

  #judge(one: FuzzCase, ours: Reading, theirs: Reading | undefined): void {
    if (theirs === undefined) return;
    const difference = differenceOf(one.text, ours, theirs);
    if (difference !== undefined) this.#settle(one, difference);
    else if (typeof ours.end === "number") this.refused += 1;
    else this.accepted += 1;
  }

  #settle({ seed, text }: FuzzCase, difference: Difference): void {
    const { ours, theirs, at, what } = difference;
    const { starts, end, reading } = this.#weftline.places(Buffer.from(text, "latin1"));
    const fail = (why: string): void => void this.failures.push({ seed, why, text, ours, theirs });
    if (differenceOf(text, ours, reading) !== undefined)
      return fail("Weftline reads it otherwise byte by byte");
    const last = starts.length - 1;
    const message =
      at < last ? text.slice(starts[at], starts[at + 1]) : text.slice(starts[last], end);
    const known = reviewed(difference, message, text.slice(starts[at - 1], starts[at]));
    if (known === undefined)
      fail(`they differ in ${what} of message ${at}: ${JSON.stringify(message)}`);
    else this.settled.set(known, (this.settled.get(known) ?? 0) + 1);
  }
}
