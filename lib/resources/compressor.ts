import type { Transform } from "node:stream";
import {
  type BrotliOptions,
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createGzip,
  gzipSync,
} from "node:zlib";

/** How a body may be packed. */
export type Packing = "br" | "gzip";

/** Where packed bytes go. */
export interface Sink {
  /** False: wait until {@link Compressor.resume} is called. */
  write(bytes: Uint8Array): boolean;
  /** All of them have been written. */
  finish(): void;
  /** After {@link Compressor.write} returned false: there is room again. */
  caughtUp(): void;
  failed(error: Error): void;
}

/** 64 KiB go to be packed at a time: about a millisecond of one thread of the pool. */
const SLICE_BYTES = 64 * 1024;

/**
 * With so much waiting or at work, who writes is asked to wait: as much as on a connection (`Exchange.write`). Whoever writes on from the same two buffers, such as `File`, relies on
 * less than the last piece being needed still.
 */
const HIGH_WATER_BYTES = 64 * 1024;

/** Quality 4 packs better than gzip at its 6, in less time; at its default of 11 brotli is for files that are packed once. A window of 256 KiB instead of 4 MiB, for each body that is on its way. */
const BROTLI_PARAMS: NonNullable<BrotliOptions["params"]> = {
  [constants.BROTLI_PARAM_QUALITY]: 4,
  [constants.BROTLI_PARAM_LGWIN]: 18,
};

const EMPTY = new Uint8Array(0);

/** Packs a small body at once. */
export function packWhole(bytes: Uint8Array, packing: Packing): Uint8Array {
  return packing === "gzip"
    ? gzipSync(bytes)
    : brotliCompressSync(bytes, { params: BROTLI_PARAMS });
}

/** A stream of Node's that packs, and hands out at each write what it has: whoever waits for a line gets it. */
export function packingStream(packing: Packing): Transform {
  if (packing === "gzip") return createGzip({ flush: constants.Z_SYNC_FLUSH });
  return createBrotliCompress({ flush: constants.BROTLI_OPERATION_FLUSH, params: BROTLI_PARAMS });
}

/**
 * Packs a body piece by piece, in another thread, no faster than its sink takes it.
 *
 * What is written while it is at work is packed together next.
 */
export class Compressor {
  readonly #stream: Transform;
  readonly #sink: Sink;
  readonly #waiting: Uint8Array[] = [];
  #bytes = 0;
  #isBusy = false;
  #isSlow = false;
  #isEnding = false;
  #isClosed = false;
  /** Somebody was told to wait. */
  #isAwaited = false;

  constructor(stream: Transform, sink: Sink) {
    this.#stream = stream;
    this.#sink = sink;
    stream.on("data", (bytes: Uint8Array) => {
      if (!this.#isClosed && !sink.write(bytes)) this.#isSlow = true;
    });
    // Not after it was destroyed.
    stream.once("end", () => {
      this.#bytes = 0;
      sink.finish();
    });
    stream.on("error", (error) => {
      if (!this.#isClosed) sink.failed(error);
    });
  }

  /** Bytes that wait to be packed, or are at work. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether who writes should wait. */
  get isFull(): boolean {
    return this.#isSlow || this.#bytes >= HIGH_WATER_BYTES;
  }

  /** False: who writes should wait. The bytes must not change until they have been packed. */
  write(bytes: Uint8Array): boolean {
    if (bytes.length > 0) this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    this.#work();
    this.#isAwaited ||= this.isFull;
    return !this.isFull;
  }

  /** Nothing more will be written. */
  end(): void {
    this.#isEnding = true;
    this.#work();
  }

  /** The sink takes more. */
  resume(): void {
    this.#isSlow = false;
    this.#work();
  }

  /** Stops, and gives its memory back. Its sink hears nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
    this.#stream.destroy();
  }

  #work(): void {
    if (this.#isBusy || this.#isSlow || this.#isClosed) return;
    const slice = this.#slice();
    const isLast = this.#isEnding && this.#waiting.length === 0;
    if (slice.length === 0 && !isLast) return;
    this.#isBusy = true;
    // The last one is not flushed but finished, which is shorter.
    if (isLast) this.#stream.end(slice);
    else this.#stream.write(slice, () => this.#worked(slice.length));
  }

  #worked(bytes: number): void {
    if (this.#isClosed) return;
    this.#isBusy = false;
    this.#bytes -= bytes;
    this.#work();
    if (!this.#isAwaited || this.isFull) return;
    this.#isAwaited = false;
    this.#sink.caughtUp();
  }

  /** What waits, up to a bound. */
  #slice(): Uint8Array {
    const pieces: Uint8Array[] = [];
    let room = SLICE_BYTES;
    while (room > 0) {
      const piece = this.#waiting.shift();
      if (piece === undefined) break;
      if (piece.length > room) this.#waiting.unshift(piece.subarray(room));
      pieces.push(piece.subarray(0, room));
      room -= Math.min(room, piece.length);
    }
    const [first = EMPTY, ...others] = pieces;
    return others.length === 0 ? first : Buffer.concat(pieces);
  }
}
