import { ChunkLine } from "./chunk-line.ts";
import { HeadScanner } from "./head-scanner.ts";
import type { ParserLimits } from "./limits.ts";
import { CR, LF } from "./octets.ts";
import { ProtocolError } from "./protocol-error.ts";
import type { ReceiveBuffer } from "./receive-buffer.ts";
import { CHUNKED } from "./request-head.ts";

/** What comes after the last piece of a body, and right after a head without one. */
export const END: unique symbol = Symbol("the end of the message");

/** Until so many bytes of a chunked body came, its framing may weigh what it likes: somebody sends a character at a time. */
const FRAMING_GRACE_BYTES = 1024 * 1024;

const COUNTED = 0;
const LINE = 1;
const DATA = 2;
const DATA_CR = 3;
const DATA_LF = 4;
const TRAILER = 5;

/** Takes one body after the other out of what has come: RFC 9112 sections 6.2 and 7.1. */
export class BodyReader {
  readonly #buffer: ReceiveBuffer;
  readonly #limits: ParserLimits;
  #place = COUNTED;
  /** Bytes of payload still to come, of the body or of the chunk. */
  #left = 0;
  #line: ChunkLine | undefined = undefined;
  #trailer: HeadScanner | undefined = undefined;
  #payload = 0;
  #framing = 0;
  #extensions = 0;

  constructor(buffer: ReceiveBuffer, limits: ParserLimits) {
    this.#buffer = buffer;
    this.#limits = limits;
  }

  /** A body begins: so many bytes, or {@link CHUNKED}. */
  begin(bodyLength: number): void {
    this.#place = bodyLength === CHUNKED ? LINE : COUNTED;
    this.#left = bodyLength === CHUNKED ? 0 : bodyLength;
    this.#payload = 0;
    this.#framing = 0;
    this.#extensions = 0;
  }

  /** The next piece, {@link END}, or undefined where more bytes are needed. */
  next(): Uint8Array | typeof END | undefined {
    if (this.#place === COUNTED) return this.#left === 0 ? END : this.#piece();
    while (this.#buffer.size > 0) {
      switch (this.#place) {
        case LINE:
          if (!this.#readLine()) return undefined;
          break;
        case DATA:
          return this.#chunkPiece();
        case TRAILER:
          return this.#readTrailer() ? END : undefined;
        default:
          this.#dataEnd();
      }
    }
    return undefined;
  }

  #piece(): Uint8Array | undefined {
    const count = Math.min(this.#left, this.#buffer.size);
    if (count === 0) return undefined;
    this.#left -= count;
    return this.#buffer.take(count);
  }

  #chunkPiece(): Uint8Array | undefined {
    const piece = this.#piece();
    if (this.#left === 0) this.#place = DATA_CR;
    return piece;
  }

  #readLine(): boolean {
    const { bytes, from, to } = this.#buffer;
    const line = (this.#line ??= new ChunkLine(this.#limits.chunkLineBytes));
    const before = line.length;
    const whole = line.scan(bytes, from, to);
    this.#buffer.skip(line.length - before);
    if (!whole) return false;
    this.#account(line);
    this.#left = line.size;
    this.#place = line.size === 0 ? TRAILER : DATA;
    line.restart();
    return true;
  }

  /** Framing is counted like payload, or it would be a way around every limit (CVE-2024-22019). */
  #account(line: ChunkLine): void {
    const { chunkOverheadBytes } = this.#limits;
    this.#extensions += line.extensionBytes;
    // With the CRLF after the data.
    this.#framing += line.length + 2;
    if (this.#extensions > chunkOverheadBytes) {
      throw new ProtocolError(
        "remote",
        `chunk extensions of more than ${chunkOverheadBytes} bytes`,
      );
    }
    const came = this.#framing + this.#payload;
    if (came > FRAMING_GRACE_BYTES && this.#framing > chunkOverheadBytes + 2 * this.#payload) {
      throw new ProtocolError("remote", "more chunk framing than payload");
    }
    this.#payload += line.size;
  }

  #dataEnd(): void {
    const octet = this.#buffer.bytes[this.#buffer.from];
    if (octet !== (this.#place === DATA_CR ? CR : LF)) {
      throw new ProtocolError("remote", "chunk data that no CRLF follows");
    }
    this.#buffer.skip(1);
    this.#place = this.#place === DATA_CR ? DATA_LF : LINE;
  }

  /** Trailer fields are held to the rules of a head and dropped: merging them is how framing is forged (RFC 9110 section 6.5.1). */
  #readTrailer(): boolean {
    const { bytes, from, to } = this.#buffer;
    if (this.#trailer === undefined) {
      this.#trailer = new HeadScanner(this.#limits);
      this.#trailer.restartWithFields();
    }
    const before = this.#trailer.seen;
    const whole = this.#trailer.scan(bytes, from, to);
    this.#buffer.skip(this.#trailer.seen - before);
    if (whole) this.#trailer = undefined;
    return whole;
  }
}
