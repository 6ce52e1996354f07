import { type Clock, systemClock } from "./clock.ts";
import { Deferred } from "./deferred.ts";
import { isPromiseLike } from "./promise-like.ts";
import { reportError } from "./report.ts";

/** The longest that all tasks of a clock work in one go, in ms, as in Twisted: little enough for nobody to notice. */
const SLICE_MS = 10;

/** The most steps in one go, since on a clock that stands still 10 ms may never pass. */
const SLICE_STEPS = 1_000;

/** How {@link cooperate} tells the time. */
export interface CooperateOptions {
  /** {@link systemClock} when absent. Tasks on one clock share its slices. */
  readonly clock?: Clock;
}

/** A task was stopped before it was done. Twisted's. */
export class TaskStopped extends Error {
  override readonly name: string = "TaskStopped";

  constructor(message = "the task was stopped") {
    super(message);
  }
}

/** A task that is done, has failed or was stopped cannot be paused or stopped. Twisted's. */
export class TaskFinished extends Error {
  override readonly name: string = "TaskFinished";

  constructor(message = "the task is over") {
    super(message);
  }
}

/**
 * Runs an iterator to its end, a little at a time, so that long work does not hold up the rest. Twisted's.
 *
 * It takes turns with the other tasks on the clock, for at most 10 ms in one go, beginning soon, but not at once. Where it
 * gives a Deferred or a promise it goes on when that has fired, and fails when that fails.
 */
export function cooperate<T>(
  iterator: Iterator<T> | Iterable<T>,
  { clock = systemClock }: CooperateOptions = {},
): CooperativeTask<T> {
  const found = cooperators.get(clock);
  const cooperator = found ?? new Cooperator(clock);
  if (found === undefined) cooperators.set(clock, cooperator);
  return new CooperativeTask(
    Symbol.iterator in iterator ? iterator[Symbol.iterator]() : iterator,
    cooperator,
  );
}

/** One iterator that is run by {@link cooperate}. */
export class CooperativeTask<T = unknown> {
  readonly #iterator: Iterator<T>;
  readonly #cooperator: Cooperator;
  readonly #waiters: Deferred<Iterator<T>>[] = [];
  #outcome: { readonly reason?: unknown; readonly failed: boolean } | undefined = undefined;
  /** Reports a failure that nobody asks for. */
  #unasked: Deferred<unknown> | undefined = undefined;
  #pauses = 0;
  #stepping = false;

  /** Only {@link cooperate} makes them. */
  constructor(iterator: Iterator<T>, cooperator: Cooperator) {
    this.#iterator = iterator;
    this.#cooperator = cooperator;
    cooperator.add(this);
  }

  /** Holds it up, until {@link resume} has been called as often. Throws {@link TaskFinished} when it is over. */
  pause(): void {
    this.#mustNotBeOver();
    this.#pauses += 1;
    this.#cooperator.remove(this);
  }

  /** Takes one {@link pause} back. Throws Error when there is none. */
  resume(): void {
    if (this.#pauses === 0) throw new Error("the task is not paused");
    this.#pauses -= 1;
    if (this.#pauses === 0 && this.#outcome === undefined) this.#cooperator.add(this);
  }

  /**
   * Ends it before its time: {@link whenDone} fails with {@link TaskStopped}, and the iterator is closed.
   *
   * Throws {@link TaskFinished} when it is over.
   */
  stop(): void {
    this.#mustNotBeOver();
    this.#end(true, new TaskStopped());
    if (!this.#stepping) this.#close();
  }

  /** A new Deferred, each time, that fires with the iterator when it is done, or fails with what it threw. */
  whenDone(): Deferred<Iterator<T>> {
    const deferred = new Deferred<Iterator<T>>();
    this.#unasked?.addErrback(() => undefined);
    if (this.#outcome === undefined) this.#waiters.push(deferred);
    else this.#tell(deferred);
    return deferred;
  }

  /** For the cooperator: asks the iterator for the next thing. */
  step(): void {
    this.#stepping = true;
    try {
      const { done, value } = this.#iterator.next();
      if (this.#outcome !== undefined) this.#close();
      else if (done === true) this.#end(false);
      else if (isPromiseLike(value)) this.#waitFor(value);
    } catch (error) {
      if (this.#outcome === undefined) this.#end(true, error);
      else reportError(error, "a task that was stopped");
    }
    this.#stepping = false;
  }

  #waitFor(value: PromiseLike<unknown>): void {
    this.pause();
    Deferred.from(value).addCallbacks(
      () => this.resume(),
      (reason) => {
        if (this.#outcome === undefined) this.#end(true, reason);
      },
    );
  }

  #end(failed: boolean, reason?: unknown): void {
    this.#outcome = { failed, reason };
    this.#cooperator.remove(this);
    if (failed && this.#waiters.length === 0 && !(reason instanceof TaskStopped)) {
      this.#unasked = Deferred.fail(reason);
    }
    for (const waiter of this.#waiters.splice(0)) this.#tell(waiter);
  }

  #tell(waiter: Deferred<Iterator<T>>): void {
    if (this.#outcome?.failed === true) waiter.errback(this.#outcome.reason);
    else waiter.callback(this.#iterator);
  }

  /** Lets a generator run its `finally`. */
  #close(): void {
    try {
      this.#iterator.return?.();
    } catch (error) {
      reportError(error, "a task that was stopped");
    }
  }

  #mustNotBeOver(): void {
    if (this.#outcome !== undefined) throw new TaskFinished();
  }
}

/** Gives the tasks on one clock their turns. */
class Cooperator {
  readonly #clock: Clock;
  readonly #tasks = new Set<CooperativeTask>();
  #round: Iterator<CooperativeTask> = this.#tasks.values();
  #isDue = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(task: CooperativeTask): void {
    this.#tasks.add(task);
    this.#schedule();
  }

  remove(task: CooperativeTask): void {
    this.#tasks.delete(task);
  }

  #schedule(): void {
    if (this.#isDue || this.#tasks.size === 0) return;
    this.#isDue = true;
    this.#clock.callLater(0, () => {
      this.#slice();
      this.#isDue = false;
      this.#schedule();
    });
  }

  #slice(): void {
    const end = this.#clock.now() + SLICE_MS;
    for (let steps = 0; steps < SLICE_STEPS; steps += 1) {
      const task = this.#next();
      if (task === undefined) return;
      task.step();
      if (this.#clock.now() >= end) return;
    }
  }

  #next(): CooperativeTask | undefined {
    const next = this.#round.next();
    if (next.done !== true) return next.value;
    this.#round = this.#tasks.values();
    return this.#round.next().value as CooperativeTask | undefined;
  }
}

const cooperators = new WeakMap<Clock, Cooperator>();
