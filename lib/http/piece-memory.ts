/** Pieces from this size on share blocks: one that is kept keeps at most sixteen times its size from being freed. */
const LARGE_BYTES = 32 * 1024;

/**
 * What is taken from the system at once.
 *
 * The C library gives freed memory back to the kernel unless it was taken in large blocks, and takes it again for the next pieces, page by page: a fast upload
 * then takes 1.4 times the CPU time, up to a third of it in page faults. 256 KiB are too few, 1 MiB no better.
 */
const BLOCK_BYTES = 512 * 1024;

let block: Buffer | undefined = undefined;
let used = 0;

/** Memory for a piece of a body that the reader may keep. What is in it is anything. */
export function pieceMemory(bytes: number): Uint8Array {
  // Node's pool of small buffers: a quarter of the cost of a fresh array of 1 KiB.
  if (bytes < LARGE_BYTES || bytes > BLOCK_BYTES) return Buffer.allocUnsafe(bytes);
  if (block === undefined || used + bytes > BLOCK_BYTES) {
    block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    used = 0;
  }
  used += bytes;
  return block.subarray(used - bytes, used);
}
