import { inspect } from "node:util";
import { type Leftover, Leftovers } from "./leftovers.ts";

// As it is when this is loaded: a test may replace the global one afterwards.
const { setImmediate } = globalThis;

/** Turns of the event loop that what a test has ended gets to be over. */
const TURNS = 5;

/** What a test left behind: each thing in words, with the place where it was started. */
export class LeakError extends Error {
  override readonly name = "LeakError";
  readonly leaks: readonly string[];

  constructor(leaks: readonly string[]) {
    super(`left behind:\n${leaks.map((leak) => `  - ${leak}`).join("\n")}`);
    this.leaks = leaks;
    // It arose in no line of the test; the lines that matter are in the message.
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** Looks after one test at a time; see {@link leakCheck}. */
export interface LeakCheck {
  /** The test begins. */
  begin(): void;
  /** The test is over, with all its own hooks. Ends what it left, and rejects with a {@link LeakError} if that was anything. */
  end(): Promise<void>;
}

/**
 * Finds what a test leaves behind: delayed calls, on `systemClock` or a `FakeClock`, open listeners and connections, requests that were not answered, Deferreds
 * that nobody fired or cancelled, held locks, unhandled rejections.
 *
 * For `node:test`, and any runner with hooks before and after each test; mocha has `weftline/testing/mocha`. Costs nothing but between
 * `begin` and `end`: then a few µs for each thing that is started.
 *
 * ```ts
 * const check = leakCheck();
 * beforeEach(() => check.begin());
 * afterEach(() => check.end());
 * ```
 */
export function leakCheck(): LeakCheck {
  const leftovers = new Leftovers();
  // By promise, since a runner may tell of one twice.
  const rejections = new Map<Promise<unknown>, unknown>();
  const note = (reason: unknown, promise: Promise<unknown>): void => {
    rejections.set(promise, reason);
  };
  return {
    begin() {
      process.on("unhandledRejection", note);
      leftovers.begin();
    },
    async end() {
      const found = await settled(leftovers);
      leftovers.end();
      process.off("unhandledRejection", note);
      const leaks = [...found.map(inWords), ...[...rejections.values()].map(rejectionInWords)];
      rejections.clear();
      for (const leftover of found) leftover.end();
      if (leaks.length > 0) throw new LeakError(leaks);
    },
  };
}

/** What is left after some turns of the event loop, or as soon as nothing is. One turn passes in any case. */
async function settled(leftovers: Leftovers): Promise<readonly Leftover[]> {
  let found: readonly Leftover[] = [];
  for (let turns = 0; turns < TURNS; turns += 1) {
    // oxlint-disable-next-line no-await-in-loop -- turns come one after another
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    found = leftovers.list();
    if (found.length === 0) break;
  }
  return found;
}

function inWords({ what, place }: Leftover): string {
  return `${what}; started at ${place}`;
}

function rejectionInWords(reason: unknown): string {
  return `an unhandled rejection: ${inspect(reason).replaceAll("\n", "\n    ")}`;
}
