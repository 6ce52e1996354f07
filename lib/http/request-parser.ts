import { BodyReader, END } from "./body-reader.ts";
import { FieldBlock, FramingFields, fieldBlockEnd } from "./field-block.ts";
import { HeadScanner } from "./head-scanner.ts";
import { DEFAULT_PARSER_LIMITS, type ParserLimits } from "./limits.ts";
import { PATH, QUERY, TOKEN_CLASS } from "./octets.ts";
import { ProtocolError } from "./protocol-error.ts";
import { ReceiveBuffer } from "./receive-buffer.ts";
import type { RequestHead } from "./request-head.ts";
import { resolveTarget } from "./request-target.ts";

/** A request line whose target is a path, which nearly all are (RFC 9112 section 3.2.1). */
const ORIGIN_LINE = new RegExp(
  `[${TOKEN_CLASS}]+ /${PATH}(?:\\?${QUERY})? HTTP/1\\.[01]\\r\\n`,
  "y",
);
/** So many field blocks that were not like the one before, and the client is taken for one that changes something each time: to compare takes 0.05 of such a request. */
const MOST_CHANGES = 8;
/** ` HTTP/1.1` and CRLF: what follows a target. */
const VERSION_LENGTH = 11;

/** One string for each method that many requests have, so that comparing them is comparing pointers. The most frequent ones come first. */
const METHODS: readonly string[] = ["GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"];

/**
 * Turns the bytes of a connection into requests, one thing at a time; does no I/O and never calls back.
 *
 * ```
 * parser.feed(bytes);
 * for (let event = parser.next(); event !== undefined; event = parser.next()) …   // a head, pieces of its body, END, the next head
 * parser.settle();
 * ```
 * What comes out does not depend on how the bytes were cut, except that a body may come in other pieces. The time is linear in the bytes.
 * RFC 9112, read strictly: no line end but CRLF, no folded lines, no doubtful framing. `docs/reference/http-support.md` lists every choice.
 */
export class RequestParser {
  readonly #limits: ParserLimits;
  readonly #buffer = new ReceiveBuffer();
  /** Made for the first head that does not come whole. */
  #scanner: HeadScanner | undefined = undefined;
  /** Of the request in progress; undefined between requests. */
  #body: BodyReader | undefined = undefined;
  /** The body reader that is used again and again, made for the first body. */
  #reader: BodyReader | undefined = undefined;
  /** A request without a body still owes its END. */
  #endDue = false;
  #failure: ProtocolError | undefined = undefined;
  /** The field block of the request before: a client sends the same one again and again. */
  #block: FieldBlock | undefined = undefined;
  /** How many blocks in a row were not like the one before. */
  #changes = 0;

  constructor(limits: ParserLimits = DEFAULT_PARSER_LIMITS) {
    this.#limits = limits;
  }

  /** Bytes that wait to be parsed. */
  get buffered(): number {
    return this.#buffer.size;
  }

  /** Adds bytes. They must not change until {@link settle}; after an error they are dropped. */
  feed(bytes: Uint8Array): void {
    if (this.#failure === undefined) this.#buffer.feed(bytes);
  }

  /** Copies what waits, so that the memory of the last {@link feed} may be used again. */
  settle(): void {
    this.#buffer.settle();
  }

  /**
   * The next head, piece of body or {@link END}; undefined when more bytes are needed.
   *
   * Pieces are the caller's. Bytes of a request behind the one in progress wait until this is called past its END. A breach of the
   * protocol throws {@link ProtocolError} with the status to answer, and so does every call after it.
   */
  next(): RequestHead | Uint8Array | typeof END | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      if (this.#body !== undefined) return this.#nextOfBody(this.#body);
      if (!this.#endDue) return this.#nextHead();
      this.#endDue = false;
      return END;
    } catch (error) {
      if (error instanceof ProtocolError) this.#failure = error;
      this.#buffer.clear();
      throw error;
    }
  }

  #nextOfBody(body: BodyReader): Uint8Array | typeof END | undefined {
    const event = body.next();
    if (event === END) this.#body = undefined;
    return event;
  }

  #nextHead(): RequestHead | undefined {
    const buffer = this.#buffer;
    if (buffer.size === 0) return undefined;
    if (this.#scanner === undefined || this.#scanner.idle) {
      let head = this.#readHead(buffer.window(), buffer.windowAt, false);
      if (head === undefined && buffer.widen(this.#limits.headBytes)) {
        head = this.#readHead(buffer.window(), buffer.windowAt, false);
      }
      if (head !== undefined) return head;
    }
    return this.#scanHead();
  }

  /** The way of a head that is not here whole, or not right: every octet is looked at once, in order. */
  #scanHead(): RequestHead | undefined {
    const { bytes, from, to } = this.#buffer;
    const scanner = (this.#scanner ??= new HeadScanner(this.#limits));
    if (!scanner.scan(bytes, from + scanner.seen, to)) return undefined;
    this.#buffer.skip(scanner.skipped);
    const text = this.#buffer.latin1(scanner.seen - scanner.skipped);
    scanner.restart();
    return this.#readHead(text, 0, true);
  }

  /**
   * The head that begins at `from`; undefined where it is not here whole, too long, or not well-formed.
   *
   * With `scanned` it is known to be here and well-formed, and only what it means can still be wrong.
   */
  #readHead(text: string, from: number, scanned: boolean): RequestHead | undefined {
    ORIGIN_LINE.lastIndex = from;
    const origin = ORIGIN_LINE.test(text);
    if (!origin && !scanned) return undefined;
    const lineEnd = origin ? ORIGIN_LINE.lastIndex : text.indexOf("\n", from) + 1;
    const methodEnd = text.indexOf(" ", from);
    const targetEnd = lineEnd - VERSION_LENGTH;
    const longest = this.#limits.targetBytes;
    const fits = targetEnd - methodEnd - 1 <= longest && methodEnd - from <= longest;
    if (!fits && !scanned) return undefined;
    const version = text.charCodeAt(lineEnd - 3) === 0x31 ? "HTTP/1.1" : "HTTP/1.0";
    const block = this.#fieldBlock(text, from, lineEnd, version);
    if (block === undefined) return undefined;
    const head = makeHead(
      methodOf(text, from, methodEnd),
      text.slice(methodEnd + 1, targetEnd),
      block,
      origin,
    );
    this.#begin(head, lineEnd - from + block.text.length);
    return head;
  }

  /** The block at `at` of a head that begins at `from`: the one of the request before, where the text is the same. */
  #fieldBlock(
    text: string,
    from: number,
    at: number,
    version: "HTTP/1.1" | "HTTP/1.0",
  ): FieldBlock | undefined {
    const before = this.#block;
    if (before !== undefined && before.version === version && this.#changes < MOST_CHANGES) {
      const end = at + before.text.length;
      if (end - from <= this.#limits.headBytes && text.slice(at, end) === before.text) {
        this.#changes = 0;
        return before;
      }
      this.#changes++;
    }
    const end = fieldBlockEnd(text, at);
    if (end === 0 || end - from > this.#limits.headBytes) return undefined;
    const framing = new FramingFields(text.slice(at, end));
    if (framing.count > this.#limits.fieldCount) return undefined;
    this.#block = new FieldBlock(framing, version);
    return this.#block;
  }

  #begin(head: RequestHead, bytes: number): void {
    this.#buffer.skip(bytes);
    if (head.bodyLength === 0) {
      this.#endDue = true;
      return;
    }
    this.#reader ??= new BodyReader(this.#buffer, this.#limits);
    this.#reader.begin(head.bodyLength);
    this.#body = this.#reader;
  }
}

function methodOf(text: string, from: number, to: number): string {
  for (const method of METHODS) {
    if (method.length === to - from && text.startsWith(method, from)) return method;
  }
  return text.slice(from, to);
}

/** The one place where heads are made, so that all have one shape. `isPath`: the target is a path by its grammar. */
function makeHead(method: string, target: string, block: FieldBlock, isPath: boolean): RequestHead {
  let path = target;
  let authority = block.host ?? "";
  if (!isPath || authority === "" || method === "CONNECT") {
    const subject = resolveTarget(method, target, block.host);
    path = subject.path;
    authority = subject.authority;
  }
  return {
    method,
    target,
    path,
    version: block.version,
    headers: block.headers,
    authority,
    bodyLength: block.bodyLength,
    persistent: block.persistent,
    expectsContinue: block.expectsContinue,
  };
}
