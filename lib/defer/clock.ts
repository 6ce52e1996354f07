/** A call that waits for its time. Disposing of it cancels it. Twisted's `IDelayedCall`. */
export interface DelayedCall extends Disposable {
  /** When it is due, in ms on the clock that made it. */
  readonly time: number;
  /** Whether it still waits: neither made nor cancelled. */
  readonly active: boolean;
  /** Takes it back. False when there was nothing to take back: it was made or cancelled before. Never throws. */
  cancel(): boolean;
  /** Makes it due `delayMs` from now. Without effect once it is no longer active. */
  reset(delayMs: number): void;
  /** Makes it due `extraMs` later than it was. Without effect once it is no longer active. */
  delay(extraMs: number): void;
}

/** Where all time comes from. Twisted's `IReactorTime`, in milliseconds. */
export interface Clock {
  /** Milliseconds from an arbitrary start; never goes back. */
  now(): number;
  /** Makes the call after `delayMs`. What it throws is reported, and other calls are made all the same. */
  callLater<A extends unknown[]>(
    delayMs: number,
    call: (...args: A) => void,
    ...args: A
  ): DelayedCall;
  /** The calls that wait, soonest first, without those of {@link keepHouse}. */
  readonly pending: readonly DelayedCall[];
}
