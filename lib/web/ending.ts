import type { DisconnectedError } from "../channel/disconnected-error.ts";
import type { DelayedCall } from "../defer/clock.ts";

/** How a request ended: undefined for a response that was handed over whole. */
export type End = DisconnectedError | undefined;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: DisconnectedError) => void;
}

/** A set of delayed calls is looked through for dead ones when it has grown to this, and again at each doubling. */
const FIRST_LOOK = 16;

/**
 * Everything that wants to know of the end of one request, or must be over with it. Made when somebody first asks.
 *
 * The order is part of the contract: delayed calls are cancelled and things given back, then listeners are told, then the signal aborts,
 * then promises settle (their callbacks come as microtasks, still before any timer).
 */
export class Ending {
  readonly #report: (error: unknown) => void;
  readonly #owned = new Set<() => void>();
  readonly #listeners = new Set<(reason: DisconnectedError) => void>();
  readonly #waiters: Waiter[] = [];
  #calls: DelayedCall[] = [];
  #look = FIRST_LOOK;
  #controller: AbortController | undefined;

  /** `report` takes what a listener throws. */
  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  /** Whether anybody is to be told. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** `giveBack` is called at the end, whichever it is. */
  own(giveBack: () => void): () => void {
    this.#owned.add(giveBack);
    return () => this.#owned.delete(giveBack);
  }

  /** Cancels the call at the end, whichever it is. */
  bind(call: DelayedCall): DelayedCall {
    if (this.#calls.length >= this.#look) {
      this.#calls = this.#calls.filter(({ active }) => active);
      this.#look = Math.max(FIRST_LOOK, 2 * this.#calls.length);
    }
    this.#calls.push(call);
    return call;
  }

  listen(listener: (reason: DisconnectedError) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  wait(waiter: Waiter): void {
    this.#waiters.push(waiter);
  }

  /** Once. */
  settle(end: End): void {
    for (const call of this.#calls) call.cancel();
    for (const giveBack of this.#owned) this.#guarded(giveBack);
    if (end === undefined) {
      for (const { resolve } of this.#waiters) resolve();
      return;
    }
    for (const listener of this.#listeners) {
      this.#guarded(() => {
        listener(end);
      });
    }
    this.#controller?.abort(end);
    for (const { reject } of this.#waiters) reject(end);
  }

  #guarded(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#report(error);
    }
  }
}
