import type { Deferred } from "./deferred.ts";
import { Tokens } from "./tokens.ts";

/**
 * Something that only so many may hold at a time. Twisted's.
 *
 * Those who wait get a token in the order in which they asked. Disposing of it releases one: `using held = await semaphore.acquire()`.
 */
export class DeferredSemaphore implements Disposable {
  /** How many may hold it. */
  readonly limit: number;
  readonly #tokens: Tokens<this>;

  /** Throws RangeError unless `tokens` is a whole number from 1 on. */
  constructor(tokens: number) {
    if (!Number.isSafeInteger(tokens) || tokens < 1) {
      throw new RangeError(`a semaphore has a whole number of tokens from 1 on, not ${tokens}`);
    }
    this.limit = tokens;
    this.#tokens = new Tokens(this, tokens);
  }

  /** How many tokens are free. Twisted's `tokens`. */
  get tokens(): number {
    return this.#tokens.free;
  }

  /** How many wait for a token. */
  get waiting(): number {
    return this.#tokens.waiting;
  }

  /** Fires with the semaphore when a token is the caller's, at once when one is free. Who waits may cancel. Who has one must {@link release} it. */
  acquire(): Deferred<this> {
    return this.#tokens.acquire();
  }

  /**
   * Gives a token to the one who has waited longest. Throws Error when nobody holds one.
   *
   * That one has it before this returns, unless this is called by one who has just been given one: then as soon as that one is done.
   */
  release(): void {
    this.#tokens.release();
  }

  /**
   * Calls `fn` when it has a token, and releases it when what `fn` returned has come, or has failed. Fires with that.
   *
   * To cancel it leaves the line, or cancels the Deferred that `fn` has returned.
   */
  run<A extends unknown[], T>(fn: (...args: A) => T | PromiseLike<T>, ...args: A): Deferred<T> {
    return this.#tokens.run(fn, ...args);
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
