import { quoted, ReplyError } from "./reply-error.ts";

/** What {@link ResponseParser.next} gives after the last byte of a reply. */
export const END: unique symbol = Symbol("end of the reply");

/** The head of a response, checked. RFC 9112 section 4. */
export interface ReplyHead {
  readonly version: "HTTP/1.1" | "HTTP/1.0";
  readonly status: number;
  /** As sent; may be empty. */
  readonly reason: string;
  /** The field lines as sent and the empty line, each with its CRLF, as latin1. */
  readonly fields: string;
  /** Whether one of them is Set-Cookie. */
  readonly setsCookies: boolean;
}

/** The longest head that is accepted, in bytes. Far over what a server of ours sends: it bounds a runaway, not a reply. */
const HEAD_BYTES = 1_048_576;
/** Digits of a length. 15 of them stay exact in a number. */
const LENGTH_DIGITS = 15;

const STATUS_LINE = /HTTP\/1\.([01]) ([1-9][0-9]{2}) ([\t\x20-\x7e\x80-\xff]*)\r\n/y;
const FIELD_LINES = /(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*\r\n/y;
const BARE_LF = /(?<!\r)\n/;
const CHUNK_LINE = /([0-9A-Fa-f]{1,12})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?\r\n/y;

type Phase = "head" | "length" | "size" | "chunk" | "chunkEnd" | "trailers" | "close" | "end";

/** What the field lines say about where the body ends. */
interface Framing {
  length: number;
  chunked: boolean;
  setsCookies: boolean;
}

/**
 * Takes the bytes that a server sends apart into replies: bytes in, events out, no I/O.
 *
 * It is strict, since it judges the server: whatever RFC 9112 does not allow throws {@link ReplyError}, and so does every later call.
 * Bytes are strings of latin1, one character a byte: `indexOf` on them runs at the speed of memory.
 */
export class ResponseParser {
  #phase: Phase = "end";
  #method = "GET";
  #input = "";
  #at = 0;
  /** Bytes of a body or chunk that are still to come. */
  #left = 0;
  #trailers = "";
  #failure: ReplyError | undefined = undefined;

  /** Bytes that came and were not asked for yet. */
  get buffered(): number {
    return this.#input.length - this.#at;
  }

  /** Those bytes. */
  get rest(): string {
    return this.#input.slice(this.#at);
  }

  /** The field lines that followed the last chunk and the empty line, each with its CRLF; empty without chunks. */
  get trailers(): string {
    return this.#trailers;
  }

  /** Begins the next reply, to a request with this method: after HEAD there is no body, after CONNECT no HTTP. */
  expect(method: string): void {
    this.#method = method;
    this.#trailers = "";
    this.#phase = "head";
  }

  /** Takes bytes. They are looked at when {@link next} asks. */
  feed(bytes: string): void {
    this.#input = this.#at === this.#input.length ? bytes : this.#input.slice(this.#at) + bytes;
    this.#at = 0;
  }

  /**
   * The next head, piece of body or {@link END}; undefined when bytes are lacking, or when no reply is expected.
   *
   * Informational heads (1xx) come before the final one. After a 101, and a 2xx to CONNECT, the rest of the bytes is no reply.
   */
  next(): ReplyHead | string | typeof END | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    switch (this.#phase) {
      case "head":
        return this.#head();
      case "length":
      case "chunk":
        return this.#piece();
      case "close":
        return this.buffered === 0 ? undefined : this.#taken(this.#input.length);
      case "size":
      case "chunkEnd":
        return this.#chunkLine();
      case "trailers":
        return this.#trailerSection();
      case "end":
        return undefined;
      /* c8 ignore next 2 -- every phase is above */
      default:
        return this.#phase satisfies never;
    }
  }

  /** The server sends nothing more. {@link END} where that ends the body; undefined between replies; otherwise an error that says what is missing. */
  close(): typeof END | ReplyError | undefined {
    if (this.#phase === "end") return undefined;
    if (this.#phase === "close") return this.#ended();
    return this.#failure ?? this.#fail(`the server closed the connection ${this.#missing()}`);
  }

  #head(): ReplyHead | undefined {
    const end = this.#input.indexOf("\r\n\r\n", this.#at);
    if (end === -1) return this.#incompleteHead();
    STATUS_LINE.lastIndex = this.#at;
    const [, minor, status, reason = ""] = STATUS_LINE.exec(this.#input) ?? [];
    if (status === undefined) throw this.#unexpected("a status line");
    const from = STATUS_LINE.lastIndex;
    FIELD_LINES.lastIndex = from;
    if (!FIELD_LINES.test(this.#input)) throw this.#unexpected("field lines", from);
    const fields = this.#input.slice(from, FIELD_LINES.lastIndex);
    const framing = this.#framing(fields);
    const head: ReplyHead = {
      version: minor === "1" ? "HTTP/1.1" : "HTTP/1.0",
      status: Number(status),
      reason,
      fields,
      setsCookies: framing.setsCookies,
    };
    this.#at = FIELD_LINES.lastIndex;
    this.#phase = this.#phaseAfter(head, framing);
    return head;
  }

  /** What cannot become a head fails at once, before its end has come. */
  #incompleteHead(): undefined {
    const begin = "HTTP/1.";
    const size = Math.min(begin.length, this.buffered);
    if (!this.#input.startsWith(begin.slice(0, size), this.#at)) {
      throw this.#unexpected("a status line");
    }
    if (BARE_LF.test(this.rest)) throw this.#unexpected("CRLF at the end of each line");
    if (this.buffered > HEAD_BYTES) {
      throw this.#fail(`the server sent a head of over ${HEAD_BYTES} bytes`);
    }
    return undefined;
  }

  #framing(fields: string): Framing {
    const framing: Framing = { length: -1, chunked: false, setsCookies: false };
    for (let at = 0; at < fields.length - 2; ) {
      const colon = fields.indexOf(":", at);
      const end = fields.indexOf("\r\n", colon);
      const size = colon - at;
      if (size === 14 || size === 17 || size === 10) {
        this.#framingField(
          fields.slice(at, colon).toLowerCase(),
          fields.slice(colon + 1, end),
          framing,
        );
      }
      at = end + 2;
    }
    return framing;
  }

  #framingField(name: string, value: string, framing: Framing): void {
    if (name === "content-length") {
      if (framing.length !== -1) throw this.#fail("the server sent Content-Length twice");
      framing.length = this.#length(value.trim());
    } else if (name === "transfer-encoding") {
      if (framing.chunked) throw this.#fail("the server sent Transfer-Encoding twice");
      if (value.trim().toLowerCase() !== "chunked") {
        throw this.#fail(`the server sent Transfer-Encoding: ${quoted(value.trim())}, not chunked`);
      }
      framing.chunked = true;
    } else if (name === "set-cookie") framing.setsCookies = true;
  }

  #length(digits: string): number {
    if (/^[0-9]+$/.test(digits) && digits.length <= LENGTH_DIGITS) return Number(digits);
    throw this.#fail(`the server sent Content-Length: ${quoted(digits)}, not a length`);
  }

  /** RFC 9112 section 6.3. */
  #phaseAfter(head: ReplyHead, framing: Framing): Phase {
    const lengthless = this.#isLengthless(head.status);
    this.#checkFraming(head, framing, lengthless);
    if (head.status < 200 && head.status !== 101) return "head";
    if (lengthless || this.#method === "HEAD" || head.status === 304) {
      this.#left = 0;
      return "length";
    }
    if (framing.chunked) return "size";
    if (framing.length === -1) return "close";
    this.#left = framing.length;
    return "length";
  }

  /** Whether there is neither a body nor the length of one: 1xx, 204, and the opening of a tunnel. */
  #isLengthless(status: number): boolean {
    if (status < 200 || status === 204) return true;
    return this.#method === "CONNECT" && status < 300;
  }

  /** What a server must not send: RFC 9112 section 6.1, RFC 9110 section 8.6. */
  #checkFraming(head: ReplyHead, { length, chunked }: Framing, lengthless: boolean): void {
    if (chunked && length !== -1) {
      throw this.#fail("the server sent both Transfer-Encoding and Content-Length");
    }
    if (chunked && head.version === "HTTP/1.0") {
      throw this.#fail("the server sent chunks in HTTP/1.0");
    }
    if (lengthless && (chunked || length !== -1)) {
      throw this.#fail(`the server sent a length with ${head.status}`);
    }
  }

  /** A piece of a body or chunk of known length. */
  #piece(): string | typeof END | undefined {
    if (this.#left === 0) return this.#phase === "chunk" ? this.#chunkDone() : this.#ended();
    if (this.buffered === 0) return undefined;
    const end = Math.min(this.#input.length, this.#at + this.#left);
    this.#left -= end - this.#at;
    return this.#taken(end);
  }

  #taken(end: number): string {
    const piece = this.#input.slice(this.#at, end);
    this.#at = end;
    return piece;
  }

  #chunkDone(): string | typeof END | undefined {
    this.#phase = "chunkEnd";
    return this.#chunkLine();
  }

  /** The CRLF after a chunk, and the line that begins the next one. RFC 9112 section 7.1. */
  #chunkLine(): string | typeof END | undefined {
    if (this.#phase === "chunkEnd") {
      if (this.buffered < 2) return undefined;
      if (!this.#input.startsWith("\r\n", this.#at))
        throw this.#unexpected("the CRLF after a chunk");
      this.#at += 2;
      this.#phase = "size";
    }
    const end = this.#input.indexOf("\n", this.#at);
    if (end === -1) return undefined;
    CHUNK_LINE.lastIndex = this.#at;
    const [, size] = CHUNK_LINE.exec(this.#input) ?? [];
    if (size === undefined) throw this.#unexpected("a chunk size");
    this.#at = CHUNK_LINE.lastIndex;
    this.#left = Number.parseInt(size, 16);
    this.#phase = this.#left === 0 ? "trailers" : "chunk";
    return this.#left === 0 ? this.#trailerSection() : this.#piece();
  }

  #trailerSection(): typeof END | undefined {
    const empty = this.#input.startsWith("\r\n", this.#at);
    if (!empty && !this.#input.includes("\r\n\r\n", this.#at)) return undefined;
    FIELD_LINES.lastIndex = this.#at;
    if (!FIELD_LINES.test(this.#input)) throw this.#unexpected("trailer lines");
    this.#trailers = this.#input.slice(this.#at, FIELD_LINES.lastIndex);
    this.#at = FIELD_LINES.lastIndex;
    return this.#ended();
  }

  #ended(): typeof END {
    this.#phase = "end";
    return END;
  }

  #missing(): string {
    if (this.#phase === "length") {
      return `${this.#left} bytes before the end of the body that Content-Length promised`;
    }
    if (this.#phase !== "head") return "before the last chunk";
    return this.buffered === 0
      ? "instead of a reply"
      : `within the head, after ${quoted(this.rest)}`;
  }

  #unexpected(wanted: string, at: number = this.#at): ReplyError {
    return this.#fail(
      `the server sent ${quoted(this.#input.slice(at))} where ${wanted} was expected`,
    );
  }

  #fail(message: string): ReplyError {
    this.#failure = new ReplyError(message);
    return this.#failure;
  }
}
