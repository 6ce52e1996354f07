import { DisconnectedError } from "../channel/disconnected-error.ts";

/**
 * A promise that a request hands out. That the client left is never an unhandled rejection of it, nor of one derived by `then`.
 *
 * Any other rejection of it, or of one derived from it, that nobody handles goes to `orphan`: a mistake in a callback ends the request, not the process.
 * Out of reach is a floating `async` function that awaits it: its own promise is a native one.
 */
export class RequestPromise<T> extends Promise<T> {
  #handled = false;
  #orphan: ((reason: unknown) => void) | undefined;

  /** Marks `promise` and returns it. */
  static guard<T>(
    promise: RequestPromise<T>,
    orphan: (reason: unknown) => void,
  ): RequestPromise<T> {
    promise.#orphan = orphan;
    void Promise.prototype.then.call(promise, undefined, (reason: unknown) => {
      if (promise.#handled || reason instanceof DisconnectedError) return;
      // As Node does: whoever awaits it takes hold of it one microtask later, so it may have been rejected before.
      process.nextTick(() => {
        if (!promise.#handled) orphan(reason);
      });
    });
    return promise;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise
  override then<F = T, R = never>(
    onfulfilled?: ((value: T) => F | PromiseLike<F>) | null,
    onrejected?: ((reason: unknown) => R | PromiseLike<R>) | null,
  ): Promise<F | R> {
    this.#handled = true;
    const derived = super.then(onfulfilled, onrejected);
    if (this.#orphan !== undefined && derived instanceof RequestPromise) {
      void RequestPromise.guard(derived, this.#orphan);
    }
    return derived;
  }
}
