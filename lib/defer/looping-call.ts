import { type Clock, type DelayedCall, systemClock } from "./clock.ts";
import { Deferred } from "./deferred.ts";
import { validDelay } from "./delayed-call.ts";
import { maybeDeferred } from "./maybe-deferred.ts";

/** How a {@link LoopingCall} tells the time. */
export interface LoopingCallOptions {
  /** {@link systemClock} when absent. */
  readonly clock?: Clock;
}

/** The part of an interval by which sums of times may be wrong, so that a beat is not taken for the one before. */
const ROUNDING = 1e-6;

/**
 * Calls a function again and again, at fixed times. Twisted's.
 *
 * The times are those of a grid, whole intervals from the start, however long the calls take: beats that are missed are skipped,
 * not made up for. While a Deferred or promise that the function has returned is open, there is no other call.
 */
export class LoopingCall {
  readonly #fn: () => unknown;
  readonly #clock: Clock;
  #running: Deferred<LoopingCall> | undefined = undefined;
  #call: DelayedCall | undefined = undefined;
  #startTime = 0;
  #intervalMs = 0;
  /** The beat of the call before, by which a function that counts knows what was skipped. */
  #lastBeat = 0;

  constructor(fn: () => unknown, { clock = systemClock }: LoopingCallOptions = {}) {
    this.#fn = fn;
    this.#clock = clock;
  }

  /**
   * A loop whose function is told how many beats have passed since the call before: 1, or more when some were skipped.
   *
   * With an interval of 0 it is always 1.
   */
  static withCount(fn: (count: number) => unknown, options: LoopingCallOptions = {}): LoopingCall {
    const loop: LoopingCall = new LoopingCall(() => fn(loop.#countBeats()), options);
    return loop;
  }

  /** Whether it was started, and has not been stopped. */
  get running(): boolean {
    return this.#running !== undefined;
  }

  /** The time between two beats, in ms. 0 before the start. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  /**
   * Makes the first call at once, or with `now` false after one interval, and goes on until {@link stop}.
   *
   * The Deferred fires with this when it is stopped and no call is in progress, and fails with what a call throws, which ends the loop
   * too. To cancel it stops the loop. An interval of 0 ms leaves other calls their turn, but no time. Throws RangeError when
   * the interval is negative or not finite, and Error when it runs already.
   */
  start(intervalMs: number, now = true): Deferred<this> {
    validDelay(intervalMs);
    if (this.#running !== undefined) throw new Error("the LoopingCall runs already");
    const done = new Deferred<this>(() => {
      this.#end();
    });
    this.#running = done;
    this.#intervalMs = intervalMs;
    this.#startTime = this.#clock.now();
    this.#lastBeat = now ? -1 : 0;
    if (now) this.#beat(done);
    else this.#schedule(done);
    return done;
  }

  /** Makes no more calls. Throws Error when it does not run. What {@link start} gave fires, once no call is in progress. */
  stop(): void {
    const done = this.#mustRun("stop");
    const waits = this.#call !== undefined;
    this.#end();
    if (waits) done.callback(this);
  }

  /** Begins the grid anew: the next call is one interval from now, unless one is in progress. Throws Error when it does not run. */
  reset(): void {
    const done = this.#mustRun("reset");
    this.#startTime = this.#clock.now();
    this.#lastBeat = 0;
    if (this.#call === undefined) return;
    this.#call.cancel();
    this.#schedule(done);
  }

  #mustRun(what: string): Deferred<this> {
    if (this.#running === undefined)
      throw new Error(`cannot ${what} a LoopingCall that does not run`);
    return this.#running as Deferred<this>;
  }

  #end(): void {
    this.#running = undefined;
    this.#call?.cancel();
    this.#call = undefined;
  }

  #beat(done: Deferred<this>): void {
    this.#call = undefined;
    maybeDeferred(this.#fn).addCallbacks(
      () => {
        if (this.#running === done) this.#schedule(done);
        else if (!done.called) done.callback(this);
      },
      (reason) => {
        if (this.#running === done) this.#end();
        // Who has cancelled the loop no longer listens: left to this Deferred, the failure is reported.
        if (done.called) throw reason;
        done.errback(reason);
      },
    );
  }

  #schedule(done: Deferred<this>): void {
    this.#call = this.#clock.callLater(this.#untilNextBeat(), () => {
      this.#beat(done);
    });
  }

  #untilNextBeat(): number {
    if (this.#intervalMs === 0) return 0;
    const next = this.#startTime + (this.#passedBeats() + 1) * this.#intervalMs;
    return Math.max(next - this.#clock.now(), 0);
  }

  /** How many intervals have passed since the start. */
  #passedBeats(): number {
    return Math.floor((this.#clock.now() - this.#startTime) / this.#intervalMs + ROUNDING);
  }

  #countBeats(): number {
    if (this.#intervalMs === 0) return 1;
    const beat = this.#passedBeats();
    const count = beat - this.#lastBeat;
    this.#lastBeat = beat;
    return count;
  }
}
