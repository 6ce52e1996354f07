import type { ParserLimits } from "./limits.ts";
import { COLON, CR, classOf, FIELD, HTAB, LF, octetAt, SP, TARGET, TOKEN } from "./octets.ts";
import { ProtocolError } from "./protocol-error.ts";

const START = 0;
const EMPTY_LINE = 1;
const METHOD = 2;
const TARGET_BEGIN = 3;
const IN_TARGET = 4;
const VERSION = 5;
const LINE_END = 6;
const FIELD_BEGIN = 7;
const NAME = 8;
const VALUE = 9;
const VALUE_END = 10;
const HEAD_END = 11;
const DONE = 12;

/** What follows the target, one octet after the other; a 0 stands for any digit. */
const VERSION_PATTERN = Uint8Array.of(0x48, 0x54, 0x54, 0x50, 0x2f, 0, 0x2e, 0, CR);
const MAJOR = 5;
const MINOR = 7;

/**
 * Reads a head that came in pieces, or that something is wrong with, octet by octet, each once.
 *
 * The parser takes a head that is here whole and well-formed by regular expressions; this is for all others. It finds the first octet at
 * which a head cannot be right any more, whatever the pieces, and says why. What a field means is not looked at here.
 */
export class HeadScanner {
  readonly #limits: ParserLimits;
  #state = START;
  /** Octets of the head so far; an empty line before it does not count. */
  #length = 0;
  #targetLength = 0;
  #fields = 0;
  /** Index into the version's pattern. */
  #versionAt = 0;
  #version = 0;
  #skipped = 0;

  constructor(limits: ParserLimits) {
    this.#limits = limits;
  }

  /** Whether nothing of a head was seen yet. */
  get idle(): boolean {
    return this.#state === START && this.#skipped === 0;
  }

  /** Octets seen since the last {@link restart}, an empty line before the head included. */
  get seen(): number {
    return this.#length + this.#skipped;
  }

  /** Octets of an empty line before the head, 0 or 2 once the head has begun. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Begins with a request line, which one empty line may precede (RFC 9112 section 2.2). */
  restart(): void {
    this.#reset(START);
  }

  /** Begins with field lines: a trailer section (RFC 9112 section 7.1.2). */
  restartWithFields(): void {
    this.#reset(FIELD_BEGIN);
  }

  #reset(state: number): void {
    this.#state = state;
    this.#length = 0;
    this.#targetLength = 0;
    this.#fields = 0;
    this.#versionAt = 0;
    this.#version = 0;
    this.#skipped = 0;
  }

  /** Goes on with the octets from `from` to `to`; true when the head ends in them, and {@link seen} says where. */
  scan(bytes: Uint8Array, from: number, to: number): boolean {
    for (let at = from; at < to; at++) {
      const octet = octetAt(bytes, at);
      if (this.#state === EMPTY_LINE || (this.#state === START && octet === CR)) {
        this.#emptyLine(octet);
        continue;
      }
      this.#length++;
      if (this.#length > this.#limits.headBytes) this.#tooLong();
      this.#take(octet);
      if (this.#state === DONE) return true;
    }
    return false;
  }

  #emptyLine(octet: number): void {
    if (this.#state === START ? this.#skipped > 0 : octet !== LF) {
      throw new ProtocolError("remote", "more than an empty line before the request line");
    }
    this.#skipped++;
    this.#state = this.#state === START ? EMPTY_LINE : START;
  }

  // oxlint-disable-next-line complexity -- one case for each place of RFC 9112 section 2.1's grammar
  #take(octet: number): void {
    const octetClass = classOf(octet);
    switch (this.#state) {
      case START:
      case METHOD:
        this.#method(octet, octetClass);
        break;
      case TARGET_BEGIN:
      case IN_TARGET:
        this.#target(octet, octetClass);
        break;
      case VERSION:
        this.#versionOctet(octet);
        break;
      case LINE_END:
        this.#state = expectLf(octet, FIELD_BEGIN);
        break;
      case FIELD_BEGIN:
        this.#fieldBegin(octet, octetClass);
        break;
      case NAME:
        if (octet === COLON) this.#state = VALUE;
        else if ((octetClass & TOKEN) === 0) throw nameError(octet);
        break;
      case VALUE:
        if ((octetClass & FIELD) !== 0) break;
        if (octet !== CR) throw new ProtocolError("remote", "a control character in a field value");
        this.#state = VALUE_END;
        break;
      case VALUE_END:
        this.#state = expectLf(octet, FIELD_BEGIN);
        break;
      default:
        this.#state = expectLf(octet, DONE);
    }
  }

  #method(octet: number, octetClass: number): void {
    if (octet === SP && this.#state === METHOD) {
      this.#state = TARGET_BEGIN;
      return;
    }
    if ((octetClass & TOKEN) === 0) throw new ProtocolError("remote", "the method is not a token");
    this.#state = METHOD;
    if (this.#length > this.#limits.targetBytes) this.#tooLong();
  }

  #target(octet: number, octetClass: number): void {
    if (octet === SP && this.#state === IN_TARGET) {
      this.#state = VERSION;
      return;
    }
    this.#targetLength++;
    this.#state = IN_TARGET;
    if (this.#targetLength > this.#limits.targetBytes) this.#tooLong();
    if ((octetClass & TARGET) !== 0) return;
    const noVersion = octet === CR || octet === LF;
    throw new ProtocolError(
      "remote",
      noVersion ? "no version in the request line" : "an octet that no request target may have",
    );
  }

  #versionOctet(octet: number): void {
    const at = this.#versionAt++;
    const wanted = VERSION_PATTERN[at];
    const isDigit = octet >= 0x30 && octet <= 0x39;
    if (wanted === 0 ? !isDigit : octet !== wanted) {
      throw new ProtocolError("remote", "the request line does not end in a version");
    }
    if (at === MAJOR) this.#version = (octet - 0x30) * 10;
    else if (at === MINOR) this.#version += octet - 0x30;
    if (octet !== CR) return;
    if (this.#version !== 10 && this.#version !== 11) {
      throw new ProtocolError("remote", "neither HTTP/1.0 nor HTTP/1.1", 505);
    }
    this.#state = LINE_END;
  }

  #fieldBegin(octet: number, octetClass: number): void {
    if (octet === CR) {
      this.#state = HEAD_END;
      return;
    }
    this.#fields++;
    if (this.#fields > this.#limits.fieldCount) {
      throw new ProtocolError("remote", `more than ${this.#limits.fieldCount} fields`, 431);
    }
    if ((octetClass & TOKEN) === 0) throw nameError(octet);
    this.#state = NAME;
  }

  /** Says what grew too long: RFC 9112 section 3 for the method and the target, RFC 6585 section 5 for the fields. */
  #tooLong(): never {
    const { headBytes, targetBytes } = this.#limits;
    switch (this.#state) {
      case START:
      case METHOD:
        throw new ProtocolError("remote", "no method is that long", 501);
      case TARGET_BEGIN:
      case IN_TARGET:
      case VERSION:
        throw new ProtocolError("remote", `a target of more than ${targetBytes} bytes`, 414);
      default:
        throw new ProtocolError("remote", `a head of more than ${headBytes} bytes`, 431);
    }
  }
}

function expectLf(octet: number, next: number): number {
  if (octet !== LF) throw new ProtocolError("remote", "a CR that no LF follows");
  return next;
}

function nameError(octet: number): ProtocolError {
  switch (octet) {
    case SP:
    case HTAB:
      return new ProtocolError("remote", "white space before or in a field name");
    case COLON:
      return new ProtocolError("remote", "a field without a name");
    case CR:
    case LF:
      return new ProtocolError("remote", "a field line without a colon, or a bare LF");
    default:
      return new ProtocolError("remote", "a field name that is not a token");
  }
}
