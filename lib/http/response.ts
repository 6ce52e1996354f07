import {
  type Headers,
  MARK_CONTENT_LENGTH,
  MARK_DATE,
  MARK_FRAMING,
  MARK_SERVER,
  MARK_UPGRADE,
} from "./headers.ts";
import { FIELD_CLASS } from "./octets.ts";
import { ProtocolError } from "./protocol-error.ts";
import { CHUNKED } from "./request-head.ts";
import { PHRASES } from "./status.ts";

/** Framing of a response whose end is that of the connection (RFC 9112 section 6.3, rule 8). */
export const UNTIL_CLOSE = -2;
/** Framing of a response that says nothing of a body: 204, 304, or the answer to HEAD when the length is not known. */
export const UNSAID = -3;

/** The Connection field of a response after which an HTTP/1.1 client may go on: none. */
export const STAYS_OPEN = "";
/** The Connection field of the last response on a connection. */
export const CLOSES = "Connection: close\r\n";
/** The Connection field for an HTTP/1.0 client that asked to go on. */
export const KEEPS_ALIVE = "Connection: keep-alive\r\n";

/** What asks for the body of a request with `Expect: 100-continue` (RFC 9110 section 10.1.1). */
export const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

const REASON = new RegExp(`^[${FIELD_CLASS}]*$`);
const DIGITS = /^\d+$/;

/** `HTTP/1.1 200 OK` and CRLF, by status. RFC 9110 section 6.2: also an HTTP/1.0 client is told our version. */
const STATUS_LINES: readonly (string | undefined)[] = Array.from({ length: 600 }, (_, status) =>
  status < 100 ? undefined : `HTTP/1.1 ${status} ${PHRASES[status] ?? ""}\r\n`,
);

/** The status line and fields that a resource wants. */
export interface ResponseFields {
  /** 200 to 599. */
  readonly status: number;
  /** Empty: the standard phrase. */
  readonly reason: string;
  readonly headers: Headers;
}

/**
 * Whether a response has a body at all; what is written to one that has none is not sent.
 *
 * RFC 9112 section 6.3, rule 1, for HEAD, 1xx, 204 and 304; RFC 9110 section 15.3.6 for 205.
 */
export function hasBody(method: string, status: number): boolean {
  if (method === "HEAD" || status < 200) return false;
  return status !== 204 && status !== 205 && status !== 304;
}

/**
 * How the end of a response's body is told: a length in bytes, {@link CHUNKED}, {@link UNTIL_CLOSE} or {@link UNSAID}.
 *
 * `length` is that of the body, also where a HEAD does not get it; below 0 where it is not known. Only HTTP/1.1 understands chunks
 * (RFC 9112 section 6.1); after {@link UNTIL_CLOSE} the connection has to be closed, and the head to say so.
 */
export function framingOf(method: string, status: number, version: string, length: number): number {
  if (status === 204 || status === 304) return UNSAID;
  // RFC 9110 section 15.3.6: no content, and this is how to say so.
  if (status === 205) return 0;
  if (length >= 0) return length;
  if (method === "HEAD") return UNSAID;
  return version === "HTTP/1.1" ? CHUNKED : UNTIL_CLOSE;
}

/**
 * The Content-Length that a resource promised, or -1 without one.
 *
 * Throws {@link ProtocolError} ("local") where it is no length.
 */
export function promisedLength(headers: Headers): number {
  if ((headers.marks & MARK_CONTENT_LENGTH) === 0) return -1;
  const text = headers.get("content-length") ?? "";
  const length = Number(text);
  if (DIGITS.test(text) && length <= Number.MAX_SAFE_INTEGER) return length;
  throw new ProtocolError("local", "a Content-Length that is not one number of bytes");
}

/** The Connection field of a response: {@link STAYS_OPEN}, {@link KEEPS_ALIVE} or {@link CLOSES}. */
export function connectionField(version: string, persistent: boolean): string {
  if (!persistent) return CLOSES;
  return version === "HTTP/1.1" ? STAYS_OPEN : KEEPS_ALIVE;
}

/**
 * The head of a response as latin1 text, with the empty line; the body may be appended to it.
 *
 * `framing` is what {@link framingOf} says, `connection` what {@link connectionField} says, and `dateAndServer` has field lines with CRLF, ready
 * made; a Date or Server of the resource's own replaces them. A Content-Length of the resource's own is sent as it is, and the caller
 * holds the body to it ({@link promisedLength}); a 204 or 205 goes without. An Upgrade is named in Connection, as RFC 9110 section 7.8 wants it.
 *
 * Throws {@link ProtocolError} ("local"), before anything is sent, for a status that is not final, a reason with a control character in it,
 * a Content-Length beside chunks, and for fields that are the carrier's: Transfer-Encoding, Connection, Keep-Alive, Proxy-Connection.
 */
export function encodeHead(
  response: ResponseFields,
  framing: number,
  connection: string,
  dateAndServer: string,
): string {
  const { headers, status } = response;
  const line = statusLine(status, response.reason);
  const marks = headers.marks;
  if (marks !== 0) return encodeMarked(response, line, framing, dateAndServer + connection);
  return `${line}${headers.lines()}${framingField(framing)}${dateAndServer}${connection}\r\n`;
}

/** The head of an informational response (RFC 9110 section 15.2), whole; 101 is not one of them here, since it ends HTTP. */
export function encodeInformational(status: number, headers: Headers): string {
  const line = status > 199 || status === 101 ? undefined : STATUS_LINES[status];
  if (line === undefined) {
    throw new ProtocolError("local", `${status} is not an informational status`);
  }
  if ((headers.marks & (MARK_FRAMING | MARK_CONTENT_LENGTH)) !== 0) {
    throw new ProtocolError("local", "an informational response frames nothing");
  }
  return `${line}${headers.lines()}\r\n`;
}

function statusLine(status: number, reason: string): string {
  const line = status >= 200 ? STATUS_LINES[status] : undefined;
  if (line === undefined) throw new ProtocolError("local", `${status} is not a final status`);
  if (reason === "") return line;
  if (!REASON.test(reason)) throw new ProtocolError("local", "a control character in the reason");
  return `HTTP/1.1 ${status} ${reason}\r\n`;
}

function framingField(framing: number): string {
  if (framing >= 0) return `Content-Length: ${framing}\r\n`;
  return framing === CHUNKED ? "Transfer-Encoding: chunked\r\n" : "";
}

/** The slower way, for a response that sets some of the fields that are usually ours. */
function encodeMarked(
  { headers, status }: ResponseFields,
  line: string,
  framing: number,
  ownFields: string,
): string {
  const { marks } = headers;
  if ((marks & MARK_FRAMING) !== 0) {
    throw new ProtocolError(
      "local",
      "Connection and Transfer-Encoding are not a resource's to set",
    );
  }
  const promised = (marks & MARK_CONTENT_LENGTH) !== 0;
  if (promised && framing === CHUNKED) {
    throw new ProtocolError("local", "a Content-Length beside chunks");
  }
  const unframed = status === 204 || status === 205;
  const lines = headers.lines(unframed ? "content-length" : "");
  const length = promised && !unframed ? "" : framingField(framing);
  return `${line}${lines}${length}${overruled(ownFields, marks)}\r\n`;
}

/** Our own fields without those that the resource sets, and with Upgrade as an option of the connection. */
function overruled(ownFields: string, marks: number): string {
  let fields = ownFields;
  if ((marks & MARK_DATE) !== 0) fields = fields.replace(/^Date:.*\r\n/im, "");
  if ((marks & MARK_SERVER) !== 0) fields = fields.replace(/^Server:.*\r\n/im, "");
  if ((marks & MARK_UPGRADE) === 0) return fields;
  return /^Connection:/im.test(fields)
    ? fields.replace(/^Connection: /im, "Connection: upgrade, ")
    : `${fields}Connection: upgrade\r\n`;
}
