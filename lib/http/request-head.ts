import type { Headers } from "./headers.ts";

/** `RequestHead.bodyLength` of a chunked body. */
export const CHUNKED = -1;

/** The head of a request, checked. RFC 9112 sections 3 and 5. */
export interface RequestHead {
  /** As sent; case matters (RFC 9110 section 9.1). */
  readonly method: string;
  /** The request target as sent, in any of its four forms. */
  readonly target: string;
  /**
   * Path and query, as sent: the target itself, or what follows the authority in absolute-form, at least `/`.
   *
   * `*` and the authority of CONNECT as they are; an absolute target of OPTIONS that has no path is `*` too (RFC 9112 section 3.2.4).
   */
  readonly path: string;
  readonly version: "HTTP/1.1" | "HTTP/1.0";
  /** Read-only; its map is made when first asked for a field. Shared by requests whose field block is the same text. */
  readonly headers: Headers;
  /** The authority that the request is for: of an absolute-form target, else the Host field; empty where HTTP/1.0 has none. Checked against RFC 3986. */
  readonly authority: string;
  /** Bytes, 0 where there is no body, {@link CHUNKED} where the end is not known yet. */
  readonly bodyLength: number;
  /** Whether the client lets the connection be used again (RFC 9112 section 9.3). */
  readonly persistent: boolean;
  /** Whether it waits for a `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean;
}
