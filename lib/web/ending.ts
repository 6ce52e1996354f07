import type { DisconnectedError } from "../channel/disconnected-error.ts";
import type { DelayedCall } from "../defer/clock.ts";

/** How a request ended: undefined for a response that was handed over whole. */
export type End = DisconnectedError | undefined;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: DisconnectedError) => void;
}

/** Who is told what a function of the user's throws. */
interface Owner {
  failed(error: unknown): void;
}

/** A list is looked through for what is no longer wanted when it has grown to this, and again at each doubling. */
const FIRST_LOOK = 16;

/** Somebody who is told of the end, until disposed of. */
class Watch implements Disposable {
  #tell: ((reason: DisconnectedError) => void) | undefined;

  constructor(tell: (reason: DisconnectedError) => void) {
    this.#tell = tell;
  }

  get active(): boolean {
    return this.#tell !== undefined;
  }

  /** What the listener returns is a promise where it is async, whatever its type says. */
  tell(reason: DisconnectedError): unknown {
    return this.#tell?.(reason);
  }

  [Symbol.dispose](): void {
    this.#tell = undefined;
  }
}

/** In the order in which they came, without those that are no longer active once there are many. */
class ActiveList<T extends { readonly active: boolean }> {
  #items: T[];
  #look = FIRST_LOOK;

  /** With its first item, since there is seldom a second: an array that grows is made for seventeen. */
  constructor(first: T) {
    this.#items = [first];
  }

  add(item: T): void {
    if (this.#items.length >= this.#look) {
      this.#items = this.#items.filter(({ active }) => active);
      this.#look = Math.max(FIRST_LOOK, 2 * this.#items.length);
    }
    this.#items.push(item);
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#items[Symbol.iterator]();
  }
}

/**
 * Everything that wants to know of the end of one request, or must be over with it. Made when somebody first asks, and each part of it likewise.
 *
 * The order is part of the contract: delayed calls are cancelled and things given back, then listeners are told, then the signal aborts,
 * then promises settle (their callbacks come as microtasks, still before any timer).
 */
export class Ending {
  readonly #owner: Owner;
  #calls: ActiveList<DelayedCall> | undefined;
  #owned: Set<() => void> | undefined;
  #listeners: ActiveList<Watch> | undefined;
  #controller: AbortController | undefined;
  #waiters: Waiter[] | undefined;

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** `giveBack` is called at the end, whichever it is. The result takes that back. */
  own(giveBack: () => void): () => void {
    this.#owned ??= new Set();
    this.#owned.add(giveBack);
    return () => this.#owned?.delete(giveBack);
  }

  /** Cancels the call at the end, whichever it is. */
  bind(call: DelayedCall): DelayedCall {
    if (this.#calls === undefined) this.#calls = new ActiveList(call);
    else this.#calls.add(call);
    return call;
  }

  listen(listener: (reason: DisconnectedError) => void): Disposable {
    const watch = new Watch(listener);
    if (this.#listeners === undefined) this.#listeners = new ActiveList(watch);
    else this.#listeners.add(watch);
    return watch;
  }

  wait(waiter: Waiter): void {
    if (this.#waiters === undefined) this.#waiters = [waiter];
    else this.#waiters.push(waiter);
  }

  /** Once. */
  settle(end: End): void {
    for (const call of this.#calls ?? []) call.cancel();
    for (const giveBack of this.#owned ?? []) makeFor(this.#owner, giveBack);
    if (end === undefined) for (const { resolve } of this.#waiters ?? []) resolve();
    else this.#tell(end);
  }

  #tell(end: DisconnectedError): void {
    for (const watch of this.#listeners ?? []) {
      makeFor(this.#owner, () => watch.tell(end));
    }
    this.#controller?.abort(end);
    for (const { reject } of this.#waiters ?? []) reject(end);
  }
}

/** Makes a call of a request's; its owner is told what it throws, or what its promise rejects with. */
export function makeFor<A extends readonly unknown[] = []>(
  owner: Owner,
  call: (...args: A) => unknown,
  ...args: A
): void {
  try {
    const result = call(...args);
    if (result instanceof Promise) {
      result.catch((error: unknown) => {
        owner.failed(error);
      });
    }
  } catch (error) {
    owner.failed(error);
  }
}
