import { CR, classOf, FIELD, HEX, HTAB, LF, octetAt, QUOTED, SP, TOKEN } from "./octets.ts";
import { ProtocolError } from "./protocol-error.ts";

/** 2^52 - 1 at most: every size is an exact number, and a sum of two as well. */
const MAX_SIZE_DIGITS = 13;

const SIZE = 0;
/** Before a semicolon: white space came, so that one must follow. */
const BEFORE_SEMICOLON = 1;
const BEFORE_NAME = 2;
const NAME = 3;
const BEFORE_EQUALS = 4;
const BEFORE_VALUE = 5;
const VALUE = 6;
const QUOTE = 7;
const ESCAPE = 8;
const AFTER_QUOTE = 9;
const LINE_END = 10;

const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const DOUBLE_QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Reads the line before a chunk's data: `chunk-size [ chunk-ext ] CRLF` (RFC 9112 section 7.1), octet by octet, each once.
 *
 * Extensions are checked by their grammar (section 7.1.1) and ignored. White space is allowed only where the grammar has BWS: around
 * a semicolon and an equals sign that are there.
 */
export class ChunkLine {
  readonly #limit: number;
  #state = SIZE;
  #digits = 0;
  #size = 0;
  #length = 0;

  /** A line longer than `limit` bytes, its CRLF included, is refused. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The size that the line announced, once it is whole. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of the line so far. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of it that are extensions: all but the size and the CRLF. */
  get extensionBytes(): number {
    return this.#length - this.#digits - 2;
  }

  restart(): void {
    this.#state = SIZE;
    this.#digits = 0;
    this.#size = 0;
    this.#length = 0;
  }

  /** Goes on with the octets from `from` to `to`; true when the line ends in them, and {@link length} says where. */
  scan(bytes: Uint8Array, from: number, to: number): boolean {
    for (let at = from; at < to; at++) {
      const octet = octetAt(bytes, at);
      this.#length++;
      if (this.#length > this.#limit) {
        throw new ProtocolError("remote", `a chunk line of more than ${this.#limit} bytes`);
      }
      if (this.#state === LINE_END) {
        if (octet !== LF) throw new ProtocolError("remote", "a CR that no LF follows");
        return true;
      }
      if (this.#state === SIZE) this.#sizeOctet(octet);
      else this.#state = extensionStep(this.#state, octet);
    }
    return false;
  }

  #sizeOctet(octet: number): void {
    if ((classOf(octet) & HEX) === 0) {
      if (this.#digits === 0) throw new ProtocolError("remote", "a chunk without a size");
      this.#state = afterWord(octet, BEFORE_SEMICOLON);
      return;
    }
    this.#digits++;
    if (this.#digits > MAX_SIZE_DIGITS) {
      throw new ProtocolError("remote", `a chunk size of more than ${MAX_SIZE_DIGITS} digits`);
    }
    // The low four bits of a letter are 1 for A; those of a digit are its value.
    this.#size = this.#size * 16 + (octet & 0x0f) + (octet > 0x39 ? 9 : 0);
  }
}

// oxlint-disable-next-line complexity, max-lines-per-function -- one case for each place of RFC 9112 section 7.1.1's grammar
function extensionStep(state: number, octet: number): number {
  const octetClass = classOf(octet);
  const blank = octet === SP || octet === HTAB;
  const token = (octetClass & TOKEN) !== 0;
  switch (state) {
    case BEFORE_SEMICOLON:
      if (blank) return state;
      if (octet === SEMICOLON) return BEFORE_NAME;
      break;
    case BEFORE_NAME:
      if (blank) return state;
      if (token) return NAME;
      break;
    case NAME:
      if (token) return state;
      if (octet === EQUALS) return BEFORE_VALUE;
      return afterWord(octet, BEFORE_EQUALS);
    case BEFORE_EQUALS:
      if (blank) return state;
      if (octet === EQUALS) return BEFORE_VALUE;
      if (octet === SEMICOLON) return BEFORE_NAME;
      break;
    case BEFORE_VALUE:
      if (blank) return state;
      if (octet === DOUBLE_QUOTE) return QUOTE;
      if (token) return VALUE;
      break;
    case VALUE:
      if (token) return state;
      return afterWord(octet, BEFORE_SEMICOLON);
    case QUOTE:
      if (octet === DOUBLE_QUOTE) return AFTER_QUOTE;
      if (octet === BACKSLASH) return ESCAPE;
      if ((octetClass & QUOTED) !== 0) return state;
      break;
    case ESCAPE:
      if ((octetClass & FIELD) !== 0) return QUOTE;
      break;
    default:
      return afterWord(octet, BEFORE_SEMICOLON);
  }
  throw new ProtocolError("remote", "a chunk extension against the grammar");
}

/** Where a size, a name or a value ends: white space, the next extension, or the line. */
function afterWord(octet: number, afterBlank: number): number {
  switch (octet) {
    case SP:
    case HTAB:
      return afterBlank;
    case SEMICOLON:
      return BEFORE_NAME;
    case CR:
      return LINE_END;
    default:
      throw new ProtocolError("remote", "a chunk line against the grammar");
  }
}
