/** What goes out of a file at a time; as much as may wait unsent on a connection before it counts as slow (`Exchange.write`). */
export const PIECE_BYTES = 65_536;

/** 4 MiB are kept for the next transfers; what is beyond goes to the garbage collector. */
const SPARE_BUFFERS = 64;

const spare: Buffer[] = [];

/** A buffer of {@link PIECE_BYTES}, with anything in it. */
export function takeBuffer(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES);
}

/** Gives back a buffer that nobody else reads any more. */
export function giveBuffer(buffer: Buffer): void {
  if (spare.length < SPARE_BUFFERS) spare.push(buffer);
}
