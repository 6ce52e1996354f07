import type { Clock, DelayedCall } from "../defer/clock.ts";
import { reportError } from "../defer/report.ts";

/** What waits in the queue. */
export interface Runnable {
  execute(): void;
}

const PRIORITY = 2;
const STANDARD = 1;
const IDLE = 0;

/**
 * The jobs of one clock: those with priority before the others, idle ones when no other is left, each kind in the order in which it came.
 *
 * A turn runs what waited at its beginning, and jobs with priority that come meanwhile; the rest waits for the next, so that connections
 * get their turn in between.
 */
export class JobQueue {
  static readonly #queues = new WeakMap<Clock, JobQueue>();
  readonly #clock: Clock;
  /** By type. A set, so that what is taken out is gone. */
  readonly #waiting: readonly [Set<Runnable>, Set<Runnable>, Set<Runnable>] = [
    new Set(),
    new Set(),
    new Set(),
  ];
  #turn: DelayedCall | undefined;

  private constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The one queue of `clock`. */
  static of(clock: Clock): JobQueue {
    let queue = JobQueue.#queues.get(clock);
    if (queue === undefined) {
      queue = new JobQueue(clock);
      JobQueue.#queues.set(clock, queue);
    }
    return queue;
  }

  has(job: Runnable): boolean {
    return this.#waiting.some((jobs) => jobs.has(job));
  }

  /** Behind all others of its type. One that waits already moves. */
  add(job: Runnable, type: 0 | 1 | 2): void {
    for (const jobs of this.#waiting) jobs.delete(job);
    this.#waiting[type].add(job);
    this.#arm();
  }

  /** The last one to go takes the turn with it, so that nothing is left behind. */
  remove(job: Runnable): void {
    for (const jobs of this.#waiting) jobs.delete(job);
    if (this.#isEmpty) {
      this.#turn?.cancel();
      this.#turn = undefined;
    }
  }

  get #isEmpty(): boolean {
    return this.#waiting.every((jobs) => jobs.size === 0);
  }

  #arm(): void {
    this.#turn ??= this.#clock.callLater(0, () => this.#run());
  }

  #run(): void {
    this.#turn = undefined;
    const { [PRIORITY]: priority, [STANDARD]: standard, [IDLE]: idle } = this.#waiting;
    const due = priority.size + standard.size > 0 ? standard : idle;
    const round = [...due];
    this.#drain(priority);
    for (const job of round) {
      // It may have been cancelled by one before it, or have a later turn by now.
      if (due.delete(job)) execute(job);
      this.#drain(priority);
    }
    if (!this.#isEmpty) this.#arm();
  }

  /** One that schedules itself with priority keeps the others out for this turn only. */
  #drain(jobs: Set<Runnable>): void {
    const round = [...jobs];
    for (const job of round) if (jobs.delete(job)) execute(job);
  }
}

function execute(job: Runnable): void {
  try {
    job.execute();
  } catch (error) {
    reportError(error, "a job");
  }
}
