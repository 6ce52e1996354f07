import { isAuthority } from "./authority.ts";
import { isNamed, trimOws } from "./field-lines.ts";
import { Headers } from "./headers.ts";
import { TOKEN_CLASS } from "./octets.ts";
import { ProtocolError } from "./protocol-error.ts";
import { CHUNKED } from "./request-head.ts";

/**
 * A block of field lines with the empty line after it.
 *
 * Each octet can be taken in one way only, so that the time is linear in the text whether it matches or not. Printable ASCII apart from
 * the rest of a value's octets, and the lazy repetition, are worth a quarter of the time.
 */
const FIELDS = new RegExp(
  `(?:[${TOKEN_CLASS}]+:[\\x20-\\x7e]*(?:[\\t\\x80-\\xff][\\x20-\\x7e]*)*\\r\\n)*?\\r\\n`,
  "y",
);
/** The last Host that was found valid: most clients ask for the same one. */
let lastHost = "";

const TOKEN_TEXT = new RegExp(`^[${TOKEN_CLASS}]+$`);

/** Where the block that begins at `from` ends, or 0 where it is not one. */
export function fieldBlockEnd(text: string, from: number): number {
  FIELDS.lastIndex = from;
  return FIELDS.test(text) ? FIELDS.lastIndex : 0;
}

/** What the field lines of a request say about its framing; everything else waits until somebody asks. */
export class FieldBlock {
  readonly text: string;
  readonly version: "HTTP/1.1" | "HTTP/1.0";
  readonly headers: Headers;
  /** The Host field; undefined without one, and empty where it is. */
  readonly host: string | undefined;
  readonly bodyLength: number;
  readonly persistent: boolean;
  readonly expectsContinue: boolean;

  /** Throws where the framing is wrong or in doubt. */
  constructor(framing: FramingFields, version: "HTTP/1.1" | "HTTP/1.0") {
    this.text = framing.block;
    this.version = version;
    this.headers = Headers.fromBlock(framing.block);
    this.host = checkHost(framing, version);
    this.bodyLength = bodyLength(framing, version);
    this.persistent = isPersistent(framing.connection, version);
    this.expectsContinue = expectsContinue(framing.expect, version) && this.bodyLength !== 0;
  }
}

/** The fields that frame a message, found in one pass over a block that is known to be well-formed. */
export class FramingFields {
  readonly block: string;
  /** Field lines in all. */
  count = 0;
  hosts = 0;
  host = "";
  lengths = 0;
  length = "";
  codings = 0;
  coding = "";
  /** The values of all such lines, joined by commas; undefined without any. */
  connection: string | undefined = undefined;
  expect: string | undefined = undefined;

  constructor(block: string) {
    this.block = block;
    const last = block.length - 2;
    for (let at = 0; at < last; ) {
      const next = block.indexOf("\n", at) + 1;
      this.#look(block, at, next - 2);
      this.count++;
      at = next;
    }
  }

  /** By first letter, then by where the colon stands, and only then by name. */
  #look(block: string, at: number, end: number): void {
    switch (block.charCodeAt(at) | 0x20) {
      case 0x63:
        this.#lookC(block, at, end);
        return;
      case 0x65:
        if (!isNamed(block, at, "expect", "Expect")) return;
        this.expect = joined(this.expect, trimOws(block, at + 7, end));
        return;
      case 0x68:
        if (!isNamed(block, at, "host", "Host")) return;
        this.hosts++;
        this.host = trimOws(block, at + 5, end);
        return;
      case 0x74:
        if (!isNamed(block, at, "transfer-encoding", "Transfer-Encoding")) return;
        this.codings++;
        this.coding = trimOws(block, at + 18, end);
    }
  }

  #lookC(block: string, at: number, end: number): void {
    if (isNamed(block, at, "connection", "Connection")) {
      this.connection = joined(this.connection, trimOws(block, at + 11, end));
    } else if (isNamed(block, at, "content-length", "Content-Length")) {
      this.lengths++;
      this.length = trimOws(block, at + 15, end);
    }
  }
}

function joined(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before},${value}`;
}

/** The members of a list in lower case, without the empty ones (RFC 9110 section 5.6.1). By split and trim, which are linear. */
function members(list: string): string[] {
  const lower = list.toLowerCase().split(",");
  return lower.map((member) => trimOws(member, 0, member.length)).filter((member) => member !== "");
}

/** RFC 9112 section 3.2: exactly one, valid; HTTP/1.0 may have none. */
function checkHost({ hosts, host }: FramingFields, version: string): string | undefined {
  if (hosts > 1) throw new ProtocolError("remote", "more than one Host");
  if (hosts === 0) {
    if (version === "HTTP/1.1") throw new ProtocolError("remote", "no Host");
    return undefined;
  }
  if (host === lastHost) return host;
  if (host !== "" && !isAuthority(host)) throw new ProtocolError("remote", "an invalid Host");
  lastHost = host;
  return host;
}

/** RFC 9112 section 6.3, without its leniencies: whatever two readers could take differently is refused. */
function bodyLength(framing: FramingFields, version: string): number {
  if (framing.codings > 0) {
    checkCoding(framing, version);
    return CHUNKED;
  }
  if (framing.lengths === 0) return 0;
  if (framing.lengths > 1) throw new ProtocolError("remote", "more than one Content-Length");
  if (!/^\d+$/.test(framing.length))
    throw new ProtocolError("remote", "a Content-Length that is not digits");
  const length = Number(framing.length);
  if (length > Number.MAX_SAFE_INTEGER)
    throw new ProtocolError("remote", "a Content-Length over 2^53-1");
  return length;
}

function checkCoding({ codings, coding, lengths }: FramingFields, version: string): void {
  if (version === "HTTP/1.0") throw new ProtocolError("remote", "Transfer-Encoding in HTTP/1.0");
  if (lengths > 0) throw new ProtocolError("remote", "Transfer-Encoding and Content-Length");
  if (codings > 1 || coding.toLowerCase() !== "chunked") {
    throw new ProtocolError("remote", "a Transfer-Encoding other than chunked");
  }
}

/** RFC 9112 section 9.3: `close` closes, else HTTP/1.1 stays and HTTP/1.0 stays where it asks to. */
function isPersistent(connection: string | undefined, version: string): boolean {
  if (connection === undefined) return version === "HTTP/1.1";
  if (connection === "keep-alive" || connection === "Keep-Alive") return true;
  const options = members(connection);
  if (!options.every((option) => TOKEN_TEXT.test(option))) {
    throw new ProtocolError("remote", "a Connection option that is not a token");
  }
  if (options.includes("close")) return false;
  return version === "HTTP/1.1" || options.includes("keep-alive");
}

/** RFC 9110 section 10.1.1; an HTTP/1.0 client cannot expect anything. */
function expectsContinue(expect: string | undefined, version: string): boolean {
  if (expect === undefined || version === "HTTP/1.0") return false;
  const wanted = members(expect);
  if (wanted.some((member) => member !== "100-continue")) {
    throw new ProtocolError("remote", "an expectation other than 100-continue", 417);
  }
  return wanted.length > 0;
}
