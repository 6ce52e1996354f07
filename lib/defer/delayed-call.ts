/** A call that waits for its time. Disposing of it cancels it. Twisted's `IDelayedCall`. */
export interface DelayedCall extends Disposable {
  /** When it is due, in ms on the clock that made it. */
  readonly time: number;
  /** Whether it still waits: neither made nor cancelled. */
  readonly active: boolean;
  /** Takes it back. False when there was nothing to take back: it was made or cancelled before. Never throws. */
  cancel(): boolean;
  /**
   * Makes it due `delayMs` from now. Without effect once it is no longer active.
   *
   * Throws RangeError when `delayMs` is negative or not finite.
   */
  reset(delayMs: number): void;
  /**
   * Makes it due `extraMs` later than it was, or earlier where that is negative. Without effect once it is no longer active.
   *
   * Throws RangeError when `extraMs` is not finite.
   */
  delay(extraMs: number): void;
}

/** `delayMs`, where it is a time to wait. Throws RangeError when it is negative, not finite or no number. */
export function validDelay(delayMs: number): number {
  if (typeof delayMs === "number" && delayMs >= 0 && delayMs < Infinity) return delayMs;
  throw new RangeError(`a delay is a finite number of ms from 0 on, not ${String(delayMs)}`);
}
