import { type Clock, systemClock } from "./clock.ts";
import { Deferred } from "./deferred.ts";
import { TimeoutError } from "./errors.ts";

/** How {@link withTimeout} tells the time, and what ends the wait besides. */
export interface WithTimeoutOptions {
  /** {@link systemClock} when absent. */
  readonly clock?: Clock;
  /** Ends the wait when it aborts: the promise rejects with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * A promise of what `promise` comes to, but not after `ms`: it then rejects with a {@link TimeoutError}.
 *
 * A Deferred is cancelled when the wait ends so, by time or by signal; a promise goes on, and what it comes to is dropped.
 * Rejects with RangeError when `ms` is negative or not finite.
 */
export function withTimeout<T>(
  promise: PromiseLike<T>,
  ms: number,
  { clock = systemClock, signal }: WithTimeoutOptions = {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      call.cancel();
      signal?.removeEventListener("abort", abort);
    };
    const giveUp = (reason: unknown): void => {
      stop();
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the reason of a signal may be anything
      reject(reason);
      if (promise instanceof Deferred) promise.cancel();
    };
    const abort = (): void => giveUp(signal?.reason);
    const call = clock.callLater(ms, () => giveUp(new TimeoutError(ms)));
    if (signal?.aborted === true) abort();
    else signal?.addEventListener("abort", abort);
    const result = (value: T): T => {
      stop();
      return value;
    };
    const failure = (reason: unknown): never => {
      stop();
      throw reason;
    };
    // A Deferred need not wait for the turn of the promises to stop the clock.
    const ended =
      promise instanceof Deferred
        ? (promise as Deferred<T>).addCallbacks(result, failure)
        : promise.then(result, failure);
    ended.then(resolve, reject);
  });
}
