import type { Clock, DelayedCall } from "./clock.ts";
import { creationObserver } from "./creation.ts";
import { AlreadyCalledError, CancelledError, TimeoutError } from "./errors.ts";
import { isPromiseLike } from "./promise-like.ts";
import { reportError } from "./report.ts";
import { UnhandledFailure } from "./unhandled-failure.ts";

type Handler = (value: unknown) => unknown;

/** What is next for a result: one of two handlers, or another Deferred that waits for it. */
interface Step {
  /** Absent: a result passes by. */
  readonly callback: Handler | undefined;
  /** Absent: a failure passes by. */
  readonly errback: Handler | undefined;
  /** Takes the result over, and leaves undefined behind. */
  readonly waiter: Deferred<unknown> | undefined;
  /** A promise takes the result as well, and does not change it. */
  readonly isPromise: boolean;
}

/** What {@link Deferred.from} takes besides the promise. */
export interface FromOptions {
  /** Cancels the Deferred when it aborts; the `cause` of the CancelledError is its reason. */
  readonly signal?: AbortSignal;
}

/**
 * A result that comes later. Twisted's.
 *
 * Callbacks run synchronously and in the order in which they were added: within {@link callback} or {@link errback}, or at once
 * when it has fired before. Each takes what the one before returned, or threw; one that returns a Deferred or a promise makes
 * the rest wait for it. A Deferred returned so is used up: it is left with undefined.
 *
 * A failure that nobody has handled when the Deferred is collected goes to the reporter of errors, once; it never ends the process.
 */
export class Deferred<T> implements PromiseLike<T> {
  /** Untyped, lest a Deferred of one thing be none of more. */
  readonly #canceller: ((deferred: never) => void) | undefined;
  #called = false;
  /** Whether a firing is still to come that nobody wants, since it was cancelled without a canceller. */
  #swallows = false;
  #failed = false;
  #result: unknown = undefined;
  #steps: Step[] = [];
  /** The step in {@link #steps} that is next. */
  #next = 0;
  /** What the last callback returned, as long as its result has not come. */
  #waitsFor: PromiseLike<unknown> | undefined = undefined;
  #running = false;
  /** Whether the failure that stands is one that a promise has taken. */
  #seen = false;
  #unhandled: UnhandledFailure | undefined = undefined;

  /** `canceller` stops the work behind it when {@link cancel} is called; it may fire the Deferred, and need not. */
  constructor(canceller?: (deferred: Deferred<T>) => void) {
    this.#canceller = canceller;
    creationObserver?.(this);
  }

  /** One that has fired with `value`. */
  static succeed<T>(value: T): Deferred<T> {
    const deferred = new Deferred<T>();
    deferred.callback(value);
    return deferred;
  }

  /** One that has failed for `reason`. */
  static fail<T = never>(reason: unknown): Deferred<T> {
    const deferred = new Deferred<T>();
    deferred.errback(reason);
    return deferred;
  }

  /**
   * One that fires as a promise settles; a Deferred is given back as it is.
   *
   * To cancel it stops the wait, not what the promise stands for, and whatever that comes to is then dropped.
   */
  static from<T>(promiseLike: PromiseLike<T>, { signal }: FromOptions = {}): Deferred<T> {
    const deferred =
      promiseLike instanceof Deferred ? (promiseLike as Deferred<T>) : new Deferred<T>();
    if (deferred !== promiseLike) {
      Promise.resolve(promiseLike).then(
        (result) => deferred.callback(result),
        (reason: unknown) => deferred.errback(reason),
      );
    }
    if (signal !== undefined) deferred.#cancelledBy(signal);
    return deferred;
  }

  /** Whether it has fired or was cancelled. Its callbacks may still wait for something. Twisted's `called`. */
  get called(): boolean {
    return this.#called;
  }

  /**
   * Fires it with a result. Throws {@link AlreadyCalledError} when it has fired, and TypeError for a Deferred as the result.
   *
   * After {@link cancel} of one without a canceller, one call is dropped without a word.
   */
  callback(result: T): void {
    if (result instanceof Deferred)
      throw new TypeError("a Deferred cannot be the result of another");
    this.#fire(false, result);
  }

  /** Fires it with a failure; else like {@link callback}. `reason` is an Error, if the one who handles it shall learn where it arose. */
  errback(reason: unknown): void {
    this.#fire(true, reason);
  }

  /** Has `fn` take the result. What it returns is the result from there on, what it throws a failure. Returns this. */
  addCallback<U>(fn: (result: T) => U | PromiseLike<U>): Deferred<U> {
    return this.#add(fn as Handler, undefined) as Deferred<U>;
  }

  /** Has `fn` take a failure. What it returns is the result from there on. Returns this. */
  addErrback<U>(fn: (reason: unknown) => U | PromiseLike<U>): Deferred<T | U> {
    return this.#add(undefined, fn) as Deferred<T | U>;
  }

  /** Has one of both called, according to what the one before left: `onFailure` does not see what `onResult` throws. Returns this. */
  addCallbacks<U, V>(
    onResult: (result: T) => U | PromiseLike<U>,
    onFailure: (reason: unknown) => V | PromiseLike<V>,
  ): Deferred<U | V> {
    return this.#add(onResult as Handler, onFailure) as Deferred<U | V>;
  }

  /** Has `fn` take whatever comes, a result or the reason of a failure. Returns this. */
  addBoth<U>(fn: (resultOrReason: unknown) => U | PromiseLike<U>): Deferred<U> {
    return this.#add(fn, fn) as Deferred<U>;
  }

  /**
   * Cancels it after `ms`, unless it has come through the callbacks added so far by then.
   *
   * The failure is a {@link TimeoutError} then, unless the canceller has fired it with something else.
   */
  addTimeout(ms: number, clock: Clock): this {
    let timedOut = false;
    const call: DelayedCall = clock.callLater(ms, () => {
      timedOut = true;
      this.cancel();
    });
    this.#pass((failed, reason) => {
      call.cancel();
      if (failed && timedOut && reason instanceof CancelledError) {
        throw new TimeoutError(ms, { cause: reason });
      }
    });
    return this;
  }

  /**
   * Calls it off, and what it waits for.
   *
   * The canceller is called; if it does not fire it, it fails with a {@link CancelledError}. One that has fired, but whose
   * callbacks wait for another Deferred, cancels that one; where they wait for a promise, they go on with the CancelledError.
   * Otherwise nothing happens. Never throws: what a canceller throws is reported.
   */
  cancel(): void {
    this.#cancel(undefined);
  }

  /** A native promise of what the callbacks added so far come to. A failure then is the promise's, and no longer reported by this. */
  // oxlint-disable-next-line unicorn/no-thenable -- so that it can be awaited
  then<U = T, V = never>(
    onResult?: ((result: T) => U | PromiseLike<U>) | null,
    onFailure?: ((reason: unknown) => V | PromiseLike<V>) | null,
  ): Promise<U | V> {
    return this.#promise().then(onResult, onFailure);
  }

  /** As of a promise; see {@link then}. */
  catch<V = never>(onFailure?: ((reason: unknown) => V | PromiseLike<V>) | null): Promise<T | V> {
    return this.#promise().catch(onFailure);
  }

  /** As of a promise; see {@link then}. */
  finally(onEnd?: (() => void) | null): Promise<T> {
    return this.#promise().finally(onEnd);
  }

  #promise(): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#push({
        callback: resolve as Handler,
        errback: reject,
        waiter: undefined,
        isPromise: true,
      });
    });
  }

  #cancelledBy(signal: AbortSignal): void {
    const abort = (): void => {
      this.#cancel(signal);
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
    this.#pass(() => {
      signal.removeEventListener("abort", abort);
    });
  }

  #fire(failed: boolean, result: unknown): void {
    if (this.#called) {
      if (!this.#swallows) throw new AlreadyCalledError();
      this.#swallows = false;
      return;
    }
    this.#called = true;
    this.#failed = failed;
    this.#result = result;
    Deferred.#run(this);
  }

  #cancel(signal: AbortSignal | undefined): void {
    const cancelled = (): CancelledError =>
      new CancelledError(undefined, signal === undefined ? undefined : { cause: signal.reason });
    // oxlint-disable-next-line typescript/no-this-alias -- where the walk to what is waited for begins
    let last: Deferred<unknown> = this;
    while (last.#waitsFor instanceof Deferred) last = last.#waitsFor as Deferred<unknown>;
    if (last.#waitsFor !== undefined) {
      last.#resume(last.#waitsFor, true, cancelled());
    } else if (!last.#called) {
      last.#stop();
      if (!last.#called) last.errback(cancelled());
    }
  }

  #stop(): void {
    this.#swallows = this.#canceller === undefined;
    try {
      this.#canceller?.(this as never);
    } catch (error) {
      reportError(error, "a canceller");
    }
  }

  #add(callback: Handler | undefined, errback: Handler | undefined): Deferred<unknown> {
    this.#push({ callback, errback, waiter: undefined, isPromise: false });
    return this;
  }

  #push(step: Step): void {
    this.#steps.push(step);
    this.#isHandled();
    if (this.#called) Deferred.#run(this);
  }

  /** Does `look` with whatever comes, and leaves it as it is unless `look` throws. */
  #pass(look: (failed: boolean, resultOrReason: unknown) => void): void {
    this.#add(
      (result) => {
        look(false, result);
        return result;
      },
      (reason) => {
        look(true, reason);
        throw reason;
      },
    );
  }

  /** Runs the callbacks of `first`, and of all that wait for it, and so on: in a loop, since such chains may be very long. */
  static #run(first: Deferred<unknown>): void {
    const chain = [first];
    for (let last = chain.at(-1); last !== undefined; last = chain.at(-1)) {
      const waiter = last.#advance();
      if (waiter === undefined) chain.pop();
      else chain.push(waiter);
    }
  }

  /** Takes steps until there are none, or something has to be waited for, or another Deferred is to go on: that is returned. */
  #advance(): Deferred<unknown> | undefined {
    while (!this.#running && this.#waitsFor === undefined) {
      const step = this.#steps[this.#next];
      if (step === undefined) {
        this.#rest();
        break;
      }
      this.#steps[this.#next++] = TAKEN;
      if (step.waiter !== undefined) {
        this.#handOver(step.waiter);
        return step.waiter;
      }
      this.#take(step);
    }
    return undefined;
  }

  #take(step: Step): void {
    const handler = this.#failed ? step.errback : step.callback;
    if (handler === undefined) return;
    if (step.isPromise) {
      handler(this.#result);
      this.#seen = true;
      return;
    }
    this.#running = true;
    this.#seen = false;
    try {
      const result = handler(this.#result);
      this.#failed = false;
      if (isPromiseLike(result)) this.#waitFor(result);
      else this.#result = result;
    } catch (error) {
      this.#failed = true;
      this.#result = error;
    }
    this.#running = false;
  }

  /** Has the result of `other` become that of this. */
  #waitFor(other: PromiseLike<unknown>): void {
    if (other === this) throw new TypeError("a callback returned the Deferred that has called it");
    this.#result = undefined;
    this.#waitsFor = other;
    if (other instanceof Deferred) {
      const deferred = other as Deferred<unknown>;
      if (deferred.#isAtRest) deferred.#handOver(this);
      else deferred.#push({ ...TAKEN, waiter: this });
      return;
    }
    Promise.resolve(other).then(
      (result) => this.#resume(other, false, result),
      (reason: unknown) => this.#resume(other, true, reason),
    );
  }

  get #isAtRest(): boolean {
    return (
      this.#called &&
      !this.#running &&
      this.#waitsFor === undefined &&
      this.#next === this.#steps.length
    );
  }

  #handOver(waiter: Deferred<unknown>): void {
    waiter.#waitsFor = undefined;
    waiter.#failed = this.#failed;
    waiter.#result = this.#result;
    this.#failed = false;
    this.#result = undefined;
    this.#isHandled();
  }

  #resume(from: PromiseLike<unknown>, failed: boolean, result: unknown): void {
    if (this.#waitsFor !== from) return;
    this.#waitsFor = undefined;
    this.#failed = failed;
    this.#result = result;
    Deferred.#run(this);
  }

  /** There is nothing more to do for now. */
  #rest(): void {
    this.#steps.length = 0;
    this.#next = 0;
    if (this.#failed && !this.#seen) {
      this.#unhandled ??= new UnhandledFailure(this, this.#result);
    }
  }

  #isHandled(): void {
    this.#unhandled?.handled();
    this.#unhandled = undefined;
  }
}

/** In the place of a step that was taken, so that its handlers are not kept. */
const TAKEN: Step = {
  callback: undefined,
  errback: undefined,
  waiter: undefined,
  isPromise: false,
};
