import { latin1 } from "./latin1.ts";
import { pieceMemory } from "./piece-memory.ts";

/** As much text is made at once: a browser's head is about 600 bytes, and what is left of a longer text is garbage. */
const WINDOW_BYTES = 4_096;

const EMPTY = new Uint8Array(0);

/**
 * The bytes that have come and are not parsed yet.
 *
 * Bytes that were fed stay the feeder's until {@link settle}, which copies what is left of them. From then on they gather in memory
 * of our own that doubles, so that any number of small pieces costs two copies a byte at most.
 */
export class ReceiveBuffer {
  #bytes: Uint8Array = EMPTY;
  #from = 0;
  #to = 0;
  #borrowed = false;
  /** The bytes from `#textFrom` on, as far as they were turned into text. */
  #text = "";
  #textFrom = 0;

  /** Bytes that wait. */
  get size(): number {
    return this.#to - this.#from;
  }

  /** The memory that holds them, from {@link from} to {@link to}; valid until the next call that is not a read. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get from(): number {
    return this.#from;
  }

  get to(): number {
    return this.#to;
  }

  /** Adds bytes at the end, without a copy where nothing waits. */
  feed(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#from === this.#to) {
      this.#bytes = bytes;
      this.#from = 0;
      this.#to = bytes.length;
      this.#borrowed = true;
      this.#text = "";
      return;
    }
    if (this.#borrowed || this.#bytes.length - this.#to < bytes.length) this.#move(bytes.length);
    this.#bytes.set(bytes, this.#to);
    this.#to += bytes.length;
  }

  /** Copies what waits, if it is still the feeder's. */
  settle(): void {
    if (this.#borrowed && this.#from < this.#to) this.#move(0);
    else if (this.#from === this.#to) this.clear();
  }

  /** Forgets everything. */
  clear(): void {
    this.#bytes = EMPTY;
    this.#from = 0;
    this.#to = 0;
    this.#borrowed = false;
    this.#text = "";
  }

  /** To memory of our own with room for more. Never in place: pieces of the old memory may have been given away. */
  #move(room: number): void {
    const size = this.#to - this.#from;
    const owned = Buffer.allocUnsafe(room === 0 ? size : Math.max(2 * size, size + room));
    owned.set(this.#bytes.subarray(this.#from, this.#to));
    this.#bytes = owned;
    this.#from = 0;
    this.#to = size;
    this.#borrowed = false;
    this.#text = "";
  }

  /** Drops the first bytes. */
  skip(count: number): void {
    this.#from += count;
  }

  /** The first bytes, as memory that the caller may keep. */
  take(count: number): Uint8Array {
    const from = this.#from;
    this.#from += count;
    if (!this.#borrowed) return this.#bytes.subarray(from, from + count);
    const piece = pieceMemory(count);
    piece.set(this.#bytes.subarray(from, from + count));
    return piece;
  }

  /** The first bytes as latin1 text. */
  latin1(count: number): string {
    return latin1(this.#bytes, this.#from, this.#from + count);
  }

  /** A text in which the first byte is the character at {@link windowAt}, and which holds some that follow. */
  window(): string {
    const known = this.#textFrom + this.#text.length;
    if (this.#text === "" || this.#from >= known) this.#read(WINDOW_BYTES);
    return this.#text;
  }

  get windowAt(): number {
    return this.#from - this.#textFrom;
  }

  /** Makes the {@link window} hold so many bytes from the first on, or all; false where it does already. */
  widen(count: number): boolean {
    const known = this.#textFrom + this.#text.length;
    if (known >= this.#to || known - this.#from >= count) return false;
    this.#read(count);
    return true;
  }

  #read(count: number): void {
    this.#textFrom = this.#from;
    const to = Math.min(this.#to, this.#from + count);
    this.#text = latin1(this.#bytes, this.#from, to);
  }
}
