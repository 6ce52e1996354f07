import { Deferred } from "./deferred.ts";
import { isPromiseLike } from "./promise-like.ts";

/**
 * Calls `fn`, and gives a Deferred of what it comes to: of what it returns, or throws, or of the Deferred or promise that it returns.
 *
 * A Deferred that it returns is given back as it is. Never throws.
 */
export function maybeDeferred<A extends unknown[], T>(
  fn: (...args: A) => T | PromiseLike<T>,
  ...args: A
): Deferred<T> {
  let result: T | PromiseLike<T>;
  try {
    result = fn(...args);
  } catch (error) {
    return Deferred.fail(error);
  }
  return isPromiseLike(result) ? Deferred.from(result) : Deferred.succeed(result);
}
