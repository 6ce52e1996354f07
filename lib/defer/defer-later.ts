import type { Clock } from "./clock.ts";
import { Deferred } from "./deferred.ts";
import { maybeDeferred } from "./maybe-deferred.ts";

/** A Deferred that fires with undefined after `delayMs`. To cancel it takes the call back. */
export function deferLater(clock: Clock, delayMs: number): Deferred<void>;
/** A Deferred that fires with what `fn` comes to, called after `delayMs`. To cancel it before that takes the call back. */
export function deferLater<A extends unknown[], T>(
  clock: Clock,
  delayMs: number,
  fn: (...args: A) => T | PromiseLike<T>,
  ...args: A
): Deferred<T>;
export function deferLater(
  clock: Clock,
  delayMs: number,
  fn: (...args: unknown[]) => unknown = nothing,
  ...args: unknown[]
): Deferred<unknown> {
  const deferred = new Deferred<void>(() => call.cancel());
  const call = clock.callLater(delayMs, () => deferred.callback());
  return deferred.addCallback(() => maybeDeferred(fn, ...args));
}

function nothing(): void {
  // What is waited for is the time alone.
}
