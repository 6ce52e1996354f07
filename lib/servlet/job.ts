import { type Clock, systemClock } from "../defer/clock.ts";
import { JobQueue } from "./job-queue.ts";

/** Before all others. netsvc's. */
export const PRIORITY_JOB = 2;
/** In the order in which they came. netsvc's. */
export const STANDARD_JOB = 1;
/** When no other is left. netsvc's. */
export const IDLE_JOB = 0;

/** How urgent a job is. */
export type JobType = typeof PRIORITY_JOB | typeof STANDARD_JOB | typeof IDLE_JOB;

/** How a {@link Job} is made. */
export interface JobOptions {
  /** Where its turn comes from: the clock of the process unless given. In a servlet use its `createJob`. */
  readonly clock?: Clock;
}

/**
 * Something to be done in a later turn, that can be scheduled again and again, and cancelled. netsvc's `Job`.
 *
 * Deviation: one that is scheduled while it waits still runs once. In netsvc a job that was cancelled, reset and scheduled while its old entry
 * was in the queue ran twice.
 */
export class Job {
  readonly #callback: () => void;
  readonly #queue: JobQueue;
  #cancelled = false;

  /** What `callback` throws when its turn comes is reported, and other jobs run all the same (in netsvc's manual the process stops). */
  constructor(callback: () => void, { clock = systemClock }: JobOptions = {}) {
    this.#callback = callback;
    this.#queue = JobQueue.of(clock);
  }

  /** Whether it is called off: it does nothing until {@link reset}. */
  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** Whether it waits for its turn. */
  get scheduled(): boolean {
    return this.#queue.has(this);
  }

  /** Has it run once, in a later turn. Without effect on a cancelled one; one that waits changes its type and goes to the end. */
  schedule(type: JobType = STANDARD_JOB): void {
    if (!this.#cancelled) this.#queue.add(this, type);
  }

  /** Runs it now, unless it is cancelled. What it throws is thrown. */
  execute(): void {
    if (!this.#cancelled) this.#callback();
  }

  /** Calls it off: what waits is taken out of the queue, and nothing can schedule it until {@link reset}. */
  cancel(): void {
    this.#cancelled = true;
    this.#queue.remove(this);
  }

  /** After {@link cancel}: it may be scheduled again. It does not wait: the entry before is gone. */
  reset(): void {
    this.#cancelled = false;
  }
}
