/** Is told of each thing that was made and waits: a Deferred, or a call on the system clock. */
export type CreationObserver = (made: object) => void;

/** Who is told, or undefined, as it usually is: then to make something costs one comparison more. */
export let creationObserver: CreationObserver | undefined;

/**
 * Has `observer` called, synchronously, with every Deferred and every call of `systemClock` from now on.
 *
 * For the leak checks of a test kit, which note a `Place` for each. Without an argument it ends. Returns the observer that was
 * there. Calls of the toolkit's own housekeeping are not told.
 */
export function observeCreation(observer?: CreationObserver): CreationObserver | undefined {
  const previous = creationObserver;
  creationObserver = observer;
  return previous;
}
