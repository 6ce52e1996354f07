/** Lets the event loop turn until it is so: for what waits for a disk. Throws after a million turns. */
export async function turnUntil(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1_000_000; turn++) {
    if (isSo()) return;
    // oxlint-disable-next-line no-await-in-loop -- one turn after the other is the point
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  throw new Error("it did not come true");
}
