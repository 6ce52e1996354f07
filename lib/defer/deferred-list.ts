import { Deferred } from "./deferred.ts";

/** What one of a list came to: `[true, result]` or `[false, reason]`. */
export type DeferredOutcome<T> =
  | readonly [ok: true, result: T]
  | readonly [ok: false, reason: unknown];

/** When a {@link DeferredList} fires, and what becomes of failures. All false when absent. Twisted's. */
export interface DeferredListOptions {
  /** Fires as soon as one has a result, with `[result, index]`. */
  readonly fireOnOneCallback?: boolean;
  /** Fails as soon as one has failed, with a {@link FirstError}. */
  readonly fireOnOneErrback?: boolean;
  /** Takes the failures, so that they are not reported as unhandled. */
  readonly consumeErrors?: boolean;
}

/** The first of several has failed. `cause` is the reason, `index` its place in the list. Twisted's. */
export class FirstError extends Error {
  override readonly name: string = "FirstError";
  readonly index: number;

  constructor(index: number, cause: unknown) {
    super(`the Deferred at index ${index} has failed: ${String(cause)}`, { cause });
    this.index = index;
  }
}

type Results<L extends readonly PromiseLike<unknown>[]> = {
  -readonly [K in keyof L]: Awaited<L[K]>;
};
type DeferredOutcomes<L extends readonly PromiseLike<unknown>[]> = {
  -readonly [K in keyof L]: DeferredOutcome<Awaited<L[K]>>;
};

/**
 * A Deferred of what all of `list` come to, results and failures, in the order of the list. Twisted's.
 *
 * Results and failures go on through the callbacks of each; only `consumeErrors` stops failures. An empty list fires at once,
 * but never with `fireOnOneCallback`. To cancel it cancels all that have not fired.
 */
export function DeferredList<L extends readonly PromiseLike<unknown>[] | []>(
  list: L,
  options: DeferredListOptions & { readonly fireOnOneCallback: true },
): Deferred<[result: Awaited<L[number]>, index: number] | DeferredOutcomes<L>>;
export function DeferredList<L extends readonly PromiseLike<unknown>[] | []>(
  list: L,
  options?: DeferredListOptions & { readonly fireOnOneCallback?: false },
): Deferred<DeferredOutcomes<L>>;
export function DeferredList(
  list: readonly PromiseLike<unknown>[],
  options: DeferredListOptions = {},
): Deferred<unknown> {
  return new Gathering(list, options).whole;
}

/**
 * A Deferred of the results of all of `list`, in their order, or of a {@link FirstError} as soon as one fails. Twisted's.
 *
 * The failure also stays with the one that failed, and so do later ones, unless `consumeErrors` is set. To cancel it cancels all.
 */
export function gatherResults<L extends readonly PromiseLike<unknown>[] | []>(
  list: L,
  { consumeErrors = false }: Pick<DeferredListOptions, "consumeErrors"> = {},
): Deferred<Results<L>> {
  const { whole } = new Gathering(list, { fireOnOneErrback: true, consumeErrors });
  return whole.addCallback((outcomes) =>
    (outcomes as DeferredOutcome<unknown>[]).map(([, result]) => result),
  ) as Deferred<Results<L>>;
}

/** Collects what the members of a list come to. */
class Gathering {
  readonly whole: Deferred<unknown>;
  readonly #options: DeferredListOptions;
  readonly #outcomes: DeferredOutcome<unknown>[];
  #missing: number;

  constructor(list: readonly PromiseLike<unknown>[], options: DeferredListOptions) {
    const members = list.map((member) => Deferred.from(member));
    this.whole = new Deferred(() => {
      for (const member of members) member.cancel();
    });
    this.#options = options;
    this.#outcomes = members.map(() => [false, undefined]);
    this.#missing = members.length;
    if (members.length === 0 && options.fireOnOneCallback !== true) this.#fire([]);
    for (const [index, member] of members.entries()) this.#add(member, index);
  }

  #add(member: Deferred<unknown>, index: number): void {
    member.addCallbacks(
      (result) => {
        this.#outcomes[index] = [true, result];
        if (this.#options.fireOnOneCallback === true) this.#fire([result, index]);
        this.#count();
        return result;
      },
      (reason) => {
        this.#outcomes[index] = [false, reason];
        if (this.#options.fireOnOneErrback === true && !this.whole.called) {
          this.whole.errback(new FirstError(index, reason));
        }
        this.#count();
        if (this.#options.consumeErrors !== true) throw reason;
      },
    );
  }

  #count(): void {
    this.#missing -= 1;
    if (this.#missing === 0) this.#fire(this.#outcomes);
  }

  #fire(result: unknown): void {
    if (!this.whole.called) this.whole.callback(result);
  }
}
