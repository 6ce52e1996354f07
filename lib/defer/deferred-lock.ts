import type { Deferred } from "./deferred.ts";
import { Tokens } from "./tokens.ts";

/**
 * Something that only one may hold at a time. Twisted's.
 *
 * Those who wait get it in the order in which they asked. Disposing of it releases it: `using held = await lock.acquire()`.
 */
export class DeferredLock implements Disposable {
  readonly #tokens: Tokens<this>;

  constructor() {
    this.#tokens = new Tokens(this, 1);
  }

  /** Whether somebody holds it. */
  get locked(): boolean {
    return this.#tokens.free === 0;
  }

  /** How many wait for it. */
  get waiting(): number {
    return this.#tokens.waiting;
  }

  /** Fires with the lock when it is the caller's, at once when it is free. Who waits may cancel. Who has it must {@link release} it. */
  acquire(): Deferred<this> {
    return this.#tokens.acquire();
  }

  /**
   * Gives it to the one who has waited longest. Throws Error when nobody holds it.
   *
   * That one has it before this returns, unless this is called by one who has just been given it: then as soon as that one is done.
   */
  release(): void {
    this.#tokens.release();
  }

  /**
   * Calls `fn` when it has the lock, and releases it when what `fn` returned has come, or has failed. Fires with that.
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
