import type { Headers } from "../http/headers.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { Address } from "../transport/address.ts";
import type { DisconnectedError } from "./disconnected-error.ts";

/** The status line and fields of a response, as a resource wants them. Framing, Date and Connection are the carrier's. */
export interface ResponseHead {
  readonly status: number;
  /** Empty: the standard phrase. */
  readonly reason: string;
  /** A Content-Length in it is a promise that the carrier holds the body to (RFC 9110 section 8.6). */
  readonly headers: Headers;
}

/** What an exchange tells the one who answers it. */
export interface ExchangeListener {
  /** After `take` had nothing: there is a piece, or the end. */
  bodyReady(): void;
  /** After `write` returned false: the client has caught up. */
  caughtUp(): void;
  /** The response was handed over whole. The last call. */
  handedOver(): void;
  /** The client left, or was cut off, before that. The last call. */
  lost(reason: DisconnectedError): void;
}

/** What one message pair of any carrier (HTTP/1, HTTP/2, a test) looks like to the site. */
export interface Exchange {
  readonly head: RequestHead;
  readonly client: Address;
  readonly local: Address;
  readonly secure: boolean;
  /** Body bytes sent so far. */
  readonly bytesSent: number;
  /** Bytes written that the client has not taken, framing included. */
  readonly unsent: number;
  /** Whether the head of the response is out. */
  readonly begun: boolean;
  /** Who was attached. */
  readonly listener: ExchangeListener;

  /** Says who is told. Called once, before anything else. */
  attach(listener: ExchangeListener): void;

  /**
   * The next piece of the body; null at its end; undefined when none is here yet, and then `bodyReady` follows.
   *
   * The first call sends `100 Continue` where the client waits for it (RFC 9110 section 10.1.1). The bytes are the caller's.
   */
  take(): Uint8Array | null | undefined;

  /** The whole response at once. The body of a HEAD, 204 or 304 only counts for Content-Length, or not at all. */
  respond(head: ResponseHead, body: string | Uint8Array): void;
  /** The head of a response and the first piece of its body, possibly empty; more follows by `write`. The result is that of `write`. */
  start(head: ResponseHead, first: string | Uint8Array): boolean;
  /**
   * A string is sent as UTF-8. False: the client is slow, `caughtUp` follows.
   *
   * Bytes may be kept until they are sent. After true less than 64 KiB wait, those written last; what was written before them may be
   * written over by its owner. After `caughtUp` that is so for all.
   */
  write(data: string | Uint8Array): boolean;
  /** The end of a body that was written piecemeal. A promised length that was missed resets the connection. */
  finish(): void;
  /** An informational response (1xx) before the head, where the client can take it. */
  inform(status: number, headers: Headers): void;
  /** Breaks the response off so that the client notices: a reset. `lost` follows within the call unless it came before. */
  abort(): void;

  /**
   * Asked by the listener when it hears `caughtUp`, where the exchange is one around another: whether that has caught up too.
   *
   * False: it still has something to pass on, and tells the listener once more.
   */
  caughtUp?(): boolean;
}
