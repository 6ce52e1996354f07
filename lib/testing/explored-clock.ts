import { AsyncLocalStorage } from "node:async_hooks";
import type { DelayedCall } from "../defer/clock.ts";
import { FakeClock } from "./fake-clock.ts";

/** Hears of each moment at which a call of the program falls due, and moves time there by `move`, or does not. */
export type Deadlines = (time: number, move: () => void) => void;

// As it is when this is loaded: a test may replace the global one afterwards.
const nextTurn = globalThis.setImmediate;

/** A turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    nextTurn(resolve);
  });
}

/** Whether what runs now is a part of a scenario, or comes of one; else the program does it of its own accord. */
export const ofScenario: AsyncLocalStorage<boolean> = new AsyncLocalStorage<boolean>();

/** A clock that asks before it moves to a moment at which a call of `pending` falls due. What calls threw is thrown as by a `FakeClock`. */
export class ExploredClock extends FakeClock {
  readonly #deadlines: Deadlines;
  readonly #stopped: () => boolean;
  readonly #others = new WeakSet<DelayedCall>();

  /** Once it is `stopped`, only {@link move} moves it. */
  constructor(deadlines: Deadlines, stopped: () => boolean) {
    super();
    this.#deadlines = deadlines;
    this.#stopped = stopped;
  }

  /** As of any clock; the call is made as a part of what has asked for it. */
  override callLater<A extends unknown[]>(
    delayMs: number,
    call: (...args: A) => void,
    ...args: A
  ): DelayedCall {
    const origin = ofScenario.getStore() ?? false;
    const delayed = super.callLater(delayMs, () => {
      ofScenario.run(origin, call, ...args);
    });
    if (!origin) this.#others.add(delayed);
    return delayed;
  }

  /** Whether the program has asked for it of its own accord. */
  isOther(call: DelayedCall): boolean {
    return this.#others.has(call);
  }

  override advance(ms: number): void {
    const end = this.now() + ms;
    const thrown: unknown[] = [];
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#goTo(next, thrown);
    }
    if (!this.#stopped()) super.advance(end - this.now());
    rethrow(thrown);
  }

  override async advanceAsync(ms: number): Promise<void> {
    const end = this.now() + ms;
    const thrown: unknown[] = [];
    await turn();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#goTo(next, thrown);
      // oxlint-disable-next-line no-await-in-loop -- one deadline after the other is the point
      await turn();
    }
    if (!this.#stopped()) super.advance(end - this.now());
    await turn();
    rethrow(thrown);
  }

  /** Moves time without asking. */
  move(ms: number): void {
    super.advance(ms);
  }

  #goTo(time: number, thrown: unknown[]): void {
    this.#deadlines(time, () => {
      try {
        super.advance(Math.max(0, time - this.now()));
      } catch (error) {
        thrown.push(error);
      }
    });
  }

  #next(end: number): number | undefined {
    const [next] = this.pending;
    if (this.#stopped() || next === undefined || next.time > end) return undefined;
    return next.time;
  }
}

function rethrow(thrown: readonly unknown[]): void {
  // oxlint-disable-next-line typescript/only-throw-error -- whatever the call threw
  if (thrown.length === 1) throw thrown[0];
  if (thrown.length > 1) throw new AggregateError(thrown, thrown.map(String).join("; "));
}
