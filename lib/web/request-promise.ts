import { DisconnectedError } from "../channel/disconnected-error.ts";

/** Who takes what went wrong in a promise that nobody looks after. */
interface Owner {
  failed(reason: unknown): void;
}

// Taken when loaded: a test may fake it later.
const nextTick = process.nextTick.bind(process);

/**
 * A promise that a request hands out. It is never an unhandled rejection, nor is one derived from it by `then` when the client left.
 *
 * Any other rejection of a derived one that nobody handles goes to its owner: a mistake in a callback ends the request, not the process.
 * Out of reach is a floating `async` function that awaits it: its own promise is a native one.
 *
 * To `await` it costs no more than a native promise, since it says that `Promise` is its constructor.
 */
export class RequestPromise<T> extends Promise<T> {
  #owner: Owner | undefined;

  /** @internal */
  static make<T>(
    executor: (
      resolve: (value: T | PromiseLike<T>) => void,
      reject: (reason: unknown) => void,
    ) => void,
    owner: Owner,
  ): Promise<T> {
    const promise = new RequestPromise<T>(executor);
    promise.#owner = owner;
    void Promise.prototype.then.call(promise, undefined, ignore);
    return promise;
  }

  /** @internal One that is resolved already, with what is no promise: there is no rejection to look after. */
  static resolved<T>(value: T, owner: Owner): Promise<T> {
    const promise = new RequestPromise<T>((resolve) => {
      resolve(value);
    });
    promise.#owner = owner;
    return promise;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise
  override then<F = T, R = never>(
    onfulfilled?: ((value: T) => F | PromiseLike<F>) | null,
    onrejected?: ((reason: unknown) => R | PromiseLike<R>) | null,
  ): Promise<F | R> {
    const same = new DerivedPromise<T>((resolve, reject) => {
      void super.then(resolve, reject);
    });
    return DerivedPromise.guard(same, this.#owner).then(onfulfilled, onrejected);
  }
}

Reflect.defineProperty(RequestPromise.prototype, "constructor", { value: Promise });

/** One derived from a {@link RequestPromise}; its constructor is its own, so that an `await`, too, goes through `then` and is seen. */
class DerivedPromise<T> extends Promise<T> {
  #handled = false;
  #owner: Owner | undefined;

  static guard<T>(promise: DerivedPromise<T>, owner: Owner | undefined): DerivedPromise<T> {
    promise.#owner = owner;
    void Promise.prototype.then.call(promise, undefined, (reason: unknown) => {
      if (reason instanceof DisconnectedError) return;
      // Whoever awaits it says so a moment later.
      nextTick(() => {
        if (!promise.#handled) owner?.failed(reason);
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
    return derived instanceof DerivedPromise ? DerivedPromise.guard(derived, this.#owner) : derived;
  }
}

function ignore(): void {
  // Who asked for it and does not look is told nothing.
}
