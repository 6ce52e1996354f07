import { CHUNK_END, chunkHead, LAST_CHUNK } from "../http/chunk.ts";
import type { ConnectionState } from "../http/connection-state.ts";
import type { Headers } from "../http/headers.ts";
import { latin1 } from "../http/latin1.ts";
import type { RequestHead } from "../http/request-head.ts";
import {
  connectionField,
  encodeHead,
  encodeInformational,
  framingOf,
  hasBody,
  promisedLength,
  UNTIL_CLOSE,
} from "../http/response.ts";
import type { Address } from "../transport/address.ts";
import type { Exchange, ExchangeListener, ResponseHead } from "./exchange.ts";
import type { ChannelHost } from "./host.ts";

/** What an exchange needs of its connection. */
export interface Http1Connection {
  readonly client: Address;
  readonly local: Address;
  readonly secure: boolean;
  /** Bytes sent that the client has not taken. */
  readonly unsent: number;
  readonly host: ChannelHost;
  /** What may happen on it next. */
  readonly state: ConnectionState;
  /** Whether the connection may carry another request after this one. */
  persists(exchange: Http1Exchange): boolean;
  /** Sends text, one byte a character. False: the client is slow. */
  send(text: string): boolean;
  /** Sends text, bytes, text in one go. */
  sendBytes(before: string, bytes: Uint8Array, after: string): boolean;
  /** The next piece of the request's body, as {@link Exchange.take}. */
  take(exchange: Http1Exchange): Uint8Array | null | undefined;
  /** The response is complete. */
  responded(exchange: Http1Exchange): void;
  /** The response is broken off. */
  broken(exchange: Http1Exchange): void;
}

/** Bytes of a body up to which it travels as text behind the head, in one string. Beyond it copying costs more than a second buffer. */
const INLINE_BYTES = 2_048;

/** How the end of the body of a response is told. */
type Delimited = "chunked" | "length" | "until close" | "no body";

/** One request and its response on an HTTP/1.1 connection; the response's framing (RFC 9112 section 6) is decided here. */
export class Http1Exchange implements Exchange {
  readonly head: RequestHead;
  bytesSent = 0;
  /** Bytes of the request's body that were handed out. */
  bytesTaken = 0;
  /** The body has been read to its end. */
  bodyDone: boolean;
  /** `take` was asked for a body that was not there yet. */
  hungry = false;
  /** The client was told that it may send the body, or never waited for that. */
  continued: boolean;
  /** The head of the response said that it is the last one (RFC 9112 section 9.6). */
  isLast = false;
  /** When it began, in ms on the clock; kept by the connection for its deadlines. */
  since = 0;
  warned = false;
  /** The head of the response is out. */
  begun = false;
  readonly #connection: Http1Connection;
  #listener: ExchangeListener | undefined;
  #delimited: Delimited = "no body";
  /** What a promised length still lacks, in bytes. */
  #left = 0;

  constructor(head: RequestHead, connection: Http1Connection) {
    this.head = head;
    this.bodyDone = head.bodyLength === 0;
    this.continued = !head.expectsContinue;
    this.#connection = connection;
  }

  get client(): Address {
    return this.#connection.client;
  }

  get local(): Address {
    return this.#connection.local;
  }

  get secure(): boolean {
    return this.#connection.secure;
  }

  get unsent(): number {
    return this.#connection.unsent;
  }

  get listener(): ExchangeListener {
    if (this.#listener === undefined) throw new Error("nobody was attached to the exchange");
    return this.#listener;
  }

  attach(listener: ExchangeListener): void {
    this.#listener = listener;
  }

  take(): Uint8Array | null | undefined {
    if (this.bodyDone) return null;
    return this.#connection.take(this);
  }

  respond(head: ResponseHead, body: string | Uint8Array): void {
    const length = byteLength(body);
    const promised = promisedLength(head.headers);
    if (promised >= 0 && promised !== length && hasBody(this.head.method, head.status)) {
      // Too much is cut, too little breaks off.
      this.start(head, body);
      return this.finish();
    }
    const text = this.#begin(head, length);
    if (hasBody(this.head.method, head.status)) this.#put(text, body, length, "");
    else this.#connection.send(text);
    this.#connection.state.take("finish");
    this.#connection.responded(this);
  }

  start(head: ResponseHead, first: string | Uint8Array): boolean {
    const promised = promisedLength(head.headers);
    const { method, version } = this.head;
    const text = this.#begin(head, promised);
    if (!hasBody(method, head.status)) return this.#connection.send(text);
    if (promised >= 0) this.#delimited = "length";
    else this.#delimited = version === "HTTP/1.1" ? "chunked" : "until close";
    this.#left = promised;
    return this.#write(text, first);
  }

  write(data: string | Uint8Array): boolean {
    this.#connection.state.take("piece");
    return this.#write("", data);
  }

  finish(): void {
    if (this.#delimited === "length" && this.#left > 0) {
      this.#report(`the body is ${this.#left} bytes shorter than its Content-Length`);
      return this.abort();
    }
    this.#connection.state.take("finish");
    if (this.#delimited === "chunked") this.#connection.send(LAST_CHUNK);
    this.#connection.responded(this);
  }

  inform(status: number, headers: Headers): void {
    this.#connection.state.take("inform");
    if (this.head.version === "HTTP/1.0") return;
    this.#connection.send(encodeInformational(status, headers));
  }

  abort(): void {
    this.#connection.broken(this);
  }

  /** The head as text; what cannot be a head throws, and leaves the response to be begun otherwise. `length` is that of the body, below 0 where it is not known. */
  #begin(head: ResponseHead, length: number): string {
    const { method, version } = this.head;
    const framing = framingOf(method, head.status, version, length);
    const persistent = framing !== UNTIL_CLOSE && this.#connection.persists(this);
    this.isLast = !persistent;
    const connection = connectionField(version, persistent);
    const text = encodeHead(head, framing, connection, this.#connection.host.dateAndServer());
    this.#connection.state.take("respond");
    this.begun = true;
    return text;
  }

  /** A piece of the body, framed, behind `before`. */
  #write(before: string, data: string | Uint8Array): boolean {
    switch (this.#delimited) {
      case "no body":
        return true;
      case "length":
        return this.#writeCounted(before, data);
      case "until close":
        return this.#put(before, data, byteLength(data), "");
      case "chunked":
        return this.#writeChunk(before, data);
      default:
        return this.#delimited satisfies never;
    }
  }

  #writeChunk(before: string, data: string | Uint8Array): boolean {
    const length = byteLength(data);
    // An empty chunk would be the last one.
    if (length === 0) return this.#connection.send(before);
    return this.#put(before + chunkHead(length), data, length, CHUNK_END);
  }

  #writeCounted(before: string, data: string | Uint8Array): boolean {
    const length = byteLength(data);
    const left = this.#left;
    this.#left = Math.max(0, left - length);
    if (length <= left) return this.#put(before, data, length, "");
    this.#report(`the body is longer than its Content-Length by at least ${length - left} bytes`);
    return this.#put(before, bytesOf(data).subarray(0, left), left, "");
  }

  #put(before: string, data: string | Uint8Array, length: number, after: string): boolean {
    this.bytesSent += length;
    // As many bytes as characters: all of them are ASCII, which goes out as it is.
    if (typeof data === "string" && data.length === length) {
      return this.#connection.send(before + data + after);
    }
    const bytes = bytesOf(data);
    if (length <= INLINE_BYTES) return this.#connection.send(before + latin1(bytes) + after);
    return this.#connection.sendBytes(before, bytes, after);
  }

  #report(message: string): void {
    this.#connection.host.report("warn", message, this);
  }
}

function byteLength(data: string | Uint8Array): number {
  return typeof data === "string" ? Buffer.byteLength(data) : data.length;
}

function bytesOf(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? Buffer.from(data) : data;
}
