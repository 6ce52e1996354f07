import { type Clock, systemClock } from "../defer/clock.ts";
import { wallClock } from "../web/wall-clock.ts";
import { Job } from "./job.ts";
import { NamedCalls } from "./named-calls.ts";

/** How an {@link Agent} is made. */
export interface AgentOptions {
  /** Where its time comes from: the clock of the process unless given. */
  readonly clock?: Clock;
  /** The time on the wall for alarms, in ms since 1970. */
  readonly wallClock?: () => number;
  /** Makes each call: a place to catch what it throws. It just makes it unless given. */
  readonly run?: (call: () => void) => void;
}

/**
 * An owner of timers by name, alarms, jobs and whatever else is to be over with it. netsvc's `Agent`; all servlets are one.
 *
 * Times are milliseconds, where netsvc has seconds. What a callback throws is reported, unless `run` does otherwise.
 */
export class Agent implements Disposable {
  readonly #options: AgentOptions;
  readonly #clock: Clock;
  readonly #timers: NamedCalls;
  readonly #alarms: NamedCalls;
  readonly #owned = new Set<Disposable>();
  readonly #jobs = new Set<Job>();

  constructor(options: AgentOptions = {}) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const run = options.run ?? ((call) => call());
    this.#timers = new NamedCalls("timer", this.#clock, run);
    this.#alarms = new NamedCalls("alarm", this.#clock, run);
  }

  /**
   * Calls `callback`, with the tag, once after `delayMs`. A timer of the same tag that is pending is replaced. Returns the tag, made up where there is none.
   *
   * Throws a RangeError when `delayMs` is negative or not finite.
   */
  startTimer(callback: (tag: string) => void, delayMs: number, tag?: string): string {
    return this.#timers.start(callback, delayMs, tag);
  }

  /** Whether there was one: no error where there was none. */
  cancelTimer(tag: string): boolean {
    return this.#timers.cancel(tag);
  }

  cancelAllTimers(): void {
    this.#timers.cancelAll();
  }

  timerPending(tag: string): boolean {
    return this.#timers.has(tag);
  }

  /**
   * Calls `callback`, with the tag, at a time on the wall, in ms since 1970; soon where that is past. Otherwise as {@link startTimer}.
   *
   * The time left is taken now: a change of the wall clock meanwhile does not move it.
   */
  setAlarm(callback: (tag: string) => void, timeMs: number, tag?: string): string {
    const now = (this.#options.wallClock ?? wallClock)();
    return this.#alarms.start(callback, Math.max(0, timeMs - now), tag);
  }

  /** As {@link cancelTimer}. */
  cancelAlarm(tag: string): boolean {
    return this.#alarms.cancel(tag);
  }

  cancelAllAlarms(): void {
    this.#alarms.cancelAll();
  }

  alarmPending(tag: string): boolean {
    return this.#alarms.has(tag);
  }

  /** A {@link Job} of this agent's, on its clock: cancelled by {@link destroyReferences}. */
  createJob(callback: () => void): Job {
    const { run } = this.#options;
    const call = run === undefined ? callback : () => run(callback);
    const job = new Job(call, { clock: this.#clock });
    this.#jobs.add(job);
    return job;
  }

  /** Disposes of it with the rest: a subscription, a listener. Returns it. */
  own<T extends Disposable>(subscription: T): T {
    this.#owned.add(subscription);
    return subscription;
  }

  /** Cancels every timer, alarm and job and disposes of what is owned. The agent itself stays usable. What one of them throws comes when all are over. */
  destroyReferences(): void {
    this.#timers.cancelAll();
    this.#alarms.cancelAll();
    for (const job of this.#jobs) job.cancel();
    this.#jobs.clear();
    const owned = [...this.#owned];
    this.#owned.clear();
    const errors: unknown[] = [];
    for (const one of owned) {
      try {
        one[Symbol.dispose]();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1)
      throw new AggregateError(errors, "subscriptions could not be disposed of");
  }

  /** As {@link destroyReferences}. */
  [Symbol.dispose](): void {
    this.destroyReferences();
  }
}
