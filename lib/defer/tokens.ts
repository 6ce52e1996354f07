import { creationObserver } from "./creation.ts";
import { Deferred } from "./deferred.ts";
import { maybeDeferred } from "./maybe-deferred.ts";

/** What a lock and a semaphore share: so many tokens, and those who wait for one, first come, first served. */
export class Tokens<Holder extends object> {
  readonly #holder: Holder;
  readonly #limit: number;
  readonly #waiting = new Set<Deferred<Holder>>();
  #free: number;
  #givingOut = false;

  /** What is acquired is `holder`; there are `limit` tokens. */
  constructor(holder: Holder, limit: number) {
    this.#holder = holder;
    this.#limit = limit;
    this.#free = limit;
    creationObserver?.(holder);
  }

  get free(): number {
    return this.#free;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  acquire(): Deferred<Holder> {
    const deferred = new Deferred<Holder>(() => this.#waiting.delete(deferred));
    this.#waiting.add(deferred);
    this.#giveOut();
    return deferred;
  }

  release(): void {
    if (this.#free === this.#limit) throw new Error("release() without acquire(): nothing is held");
    this.#free += 1;
    this.#giveOut();
  }

  run<A extends unknown[], T>(fn: (...args: A) => T | PromiseLike<T>, ...args: A): Deferred<T> {
    return this.acquire().addCallback(() =>
      maybeDeferred(fn, ...args).addCallbacks(
        (result) => {
          this.release();
          return result;
        },
        (reason) => {
          this.release();
          throw reason;
        },
      ),
    );
  }

  /** In a loop, since one who gets a token may give it back at once, and so on for any number of those who wait. */
  #giveOut(): void {
    if (this.#givingOut) return;
    this.#givingOut = true;
    for (const deferred of this.#waiting) {
      if (this.#free === 0) break;
      this.#free -= 1;
      this.#waiting.delete(deferred);
      deferred.callback(this.#holder);
    }
    this.#givingOut = false;
  }
}
