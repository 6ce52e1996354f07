/**
 * What a source gives until it ends or the signal aborts, which is thrown with its reason; the source is then told to stop.
 *
 * It also ends while the source has nothing to give, and then does not wait for it.
 */
export async function* abortable<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  signal.throwIfAborted();
  const iterator = source[Symbol.asyncIterator]();
  const over = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { signal: over.signal });
  });
  // Where nobody waits for it any more, it is of no interest.
  aborted.catch(() => undefined);
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted]);
      if (next.done === true) break;
      yield next.value;
    }
  } finally {
    over.abort();
    // Not awaited, since it may wait for a piece that never comes; its failure is that of a source that is given up.
    iterator.return?.().catch(() => undefined);
  }
}
