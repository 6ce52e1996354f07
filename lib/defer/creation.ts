/** Is told of each thing that was made and can be left over: a Deferred, a lock, a call on a clock, a request and what it is rendered to, a server. */
export type CreationObserver = (made: object) => void;

/** Who is told, or undefined, as it usually is: then to make something costs one comparison more. */
export let creationObserver: CreationObserver | undefined;

/**
 * Has `observer` called, synchronously, with every such thing from now on.
 *
 * For the leak checks of a test kit, which note a `Place` for each. Without an argument it ends. Returns the observer that was
 * there. Calls of the toolkit's own housekeeping are not told.
 */
export function observeCreation(observer?: CreationObserver): CreationObserver | undefined {
  const previous = creationObserver;
  creationObserver = observer;
  return previous;
}
