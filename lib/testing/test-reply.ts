import { Headers } from "../http/headers.ts";
import { ReceivedBody } from "./received-body.ts";
import { quoted, ReplyError } from "./reply-error.ts";
import type { Piece } from "./request-message.ts";
import type { ReplyHead } from "./response-parser.ts";

/** An informational response that came before the reply: `100 Continue`, `103 Early Hints`. */
export interface Informational {
  readonly status: number;
  readonly headers: Headers;
}

/** A reply that has come whole. What `await reply` gives. */
export interface FinishedReply {
  readonly status: number;
  /** The reason phrase as sent; it means nothing. */
  readonly reason: string;
  readonly headers: Headers;
  /** The body as UTF-8. A Content-Encoding is not undone. */
  readonly text: string;
  readonly bytes: Uint8Array;
  /** The fields that followed the last chunk; empty for most. */
  readonly trailers: Headers;
  readonly informational: readonly Informational[];
  /** The body as JSON; throws the SyntaxError of `JSON.parse`. */
  json(): unknown;
}

/**
 * The reply to one request, as far as it has come. Where nothing in the server waits, it is whole when the request returns.
 *
 * `await reply` waits for the end, and rejects with {@link ReplyError} when the connection is lost before. The client does not move
 * the clock: under a `FakeClock` advance it first, or give the client one with `autoAdvance`.
 *
 * When the server breaks HTTP/1.1, every look at the reply throws a {@link ReplyError} that quotes the bytes.
 *
 * `for await (const text of reply)` gives the body in the pieces in which it comes.
 */
export interface TestReply extends PromiseLike<FinishedReply>, AsyncIterable<string> {
  readonly method: string;
  readonly path: string;
  /** Undefined until the head has come. */
  readonly status: number | undefined;
  readonly reason: string;
  /** Empty until the head has come. */
  readonly headers: Headers;
  /** The body so far, as UTF-8. */
  readonly text: string;
  /** The body so far. A copy. */
  readonly bytes: Uint8Array;
  readonly trailers: Headers;
  /** Informational responses so far. */
  readonly informational: readonly Informational[];
  /** Whether it has come whole. Stays false for ever when the connection was lost before. */
  readonly done: boolean;
  /** Why it will never be whole; undefined while it may still be, or is. */
  readonly failure: Error | undefined;
  /** The body so far as JSON; throws the SyntaxError of `JSON.parse`. */
  json(): unknown;

  /** Leaves: closes the connection both ways, as a browser's stop button does. Without effect once the connection is closed. */
  disconnect(): void;
  /** Leaves by a reset. Likewise. */
  reset(): void;
  /** Says that nothing more will be sent (a FIN), and reads on. */
  halfClose(): void;

  /** Stops reading; the server's writes pile up. */
  pause(): void;
  /** After {@link pause}, or `paused: true`: takes so many bytes more, those of the head included. */
  read(bytes: number): void;
  /** Reads on, without a limit. */
  resume(): void;

  /** Sends a piece of the body of a request made with `upload: true`. False when the server is slow to take it, or gone. */
  write(piece: Piece): boolean;
  /** Ends that body. */
  end(): void;
}

/** What a reply asks of its connection. */
export interface ReplyOwner {
  close(): void;
  reset(): void;
  end(): void;
  pause(): void;
  read(bytes: number): void;
  resume(): void;
}

/** The body of a request that is sent bit by bit. */
export interface Upload {
  write(piece: Piece): boolean;
  end(): void;
  /** The server asked for the body. */
  proceed(): void;
}

const NO_FIELDS = new Headers();

/** A {@link TestReply}, and what the connection does to it. */
export class IncomingReply implements TestReply {
  readonly method: string;
  readonly path: string;
  /** Whether the cookies that it sets are kept. */
  keepsCookies = true;
  readonly #owner: ReplyOwner;
  readonly #body = new ReceivedBody();
  #informational: Informational[] | undefined = undefined;
  #upload: Upload | undefined = undefined;
  #head: ReplyHead | undefined = undefined;
  #headers: Headers | undefined = undefined;
  #trailers = "";
  #done = false;
  #failure: ReplyError | undefined = undefined;
  /** The server broke the protocol: nothing that came can be relied on. */
  #malformed = false;
  #settled: Promise<FinishedReply> | undefined = undefined;
  #settle: (() => void) | undefined = undefined;

  constructor(method: string, path: string, owner: ReplyOwner) {
    this.method = method;
    this.path = path;
    this.#owner = owner;
  }

  // ── to the test ──

  get status(): number | undefined {
    return this.#checked().#head?.status;
  }

  get reason(): string {
    return this.#checked().#head?.reason ?? "";
  }

  get headers(): Headers {
    const head = this.#checked().#head;
    if (head === undefined) return NO_FIELDS;
    return (this.#headers ??= Headers.fromBlock(head.fields));
  }

  get text(): string {
    return this.#checked().#body.text;
  }

  get bytes(): Uint8Array {
    return this.#checked().#body.bytes;
  }

  get trailers(): Headers {
    return this.#checked().#trailers === "" ? NO_FIELDS : Headers.fromBlock(this.#trailers);
  }

  get informational(): readonly Informational[] {
    return this.#checked().#informational ?? [];
  }

  get done(): boolean {
    return this.#checked().#done;
  }

  get failure(): ReplyError | undefined {
    return this.#failure;
  }

  json(): unknown {
    return JSON.parse(this.text);
  }

  // oxlint-disable-next-line unicorn/no-thenable -- it is one: DESIGN says PromiseLike
  then<A = FinishedReply, B = never>(
    fulfilled?: ((reply: FinishedReply) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#whole().then(fulfilled, rejected);
  }

  [Symbol.asyncIterator](): AsyncIterator<string> {
    return this.#body[Symbol.asyncIterator]();
  }

  disconnect(): void {
    this.#owner.close();
  }

  reset(): void {
    this.#owner.reset();
  }

  halfClose(): void {
    this.#owner.end();
  }

  pause(): void {
    this.#owner.pause();
  }

  read(bytes: number): void {
    this.#owner.read(bytes);
  }

  resume(): void {
    this.#owner.resume();
  }

  write(piece: Piece): boolean {
    return this.#uploading().write(piece);
  }

  end(): void {
    this.#uploading().end();
  }

  // ── from the connection ──

  uploads(upload: Upload): void {
    this.#upload = upload;
  }

  takeHead(head: ReplyHead): void {
    if (head.status < 200 && head.status !== 101) {
      const headers = Headers.fromBlock(head.fields);
      (this.#informational ??= []).push({ status: head.status, headers });
      if (head.status === 100) this.#upload?.proceed();
    } else this.#head = head;
  }

  takePiece(latin1: string): void {
    this.#body.append(latin1);
  }

  takeEnd(trailers: string): void {
    this.#trailers = trailers;
    this.#done = true;
    this.#body.end();
    this.#settle?.();
  }

  /** The connection is gone before the end. Without effect on a reply that has come whole. */
  fail(why: string): void {
    if (this.#done || this.#failure !== undefined) return;
    this.#failure = new ReplyError(`${this.method} ${this.path}: ${why}${this.#soFar()}`);
    this.#body.end(this.#failure);
    this.#settle?.();
  }

  /** The server broke the protocol: nothing that came can be relied on, also if it had come whole. */
  spoil(why: string): void {
    this.#failure = new ReplyError(`${this.method} ${this.path}: ${why}${this.#soFar()}`);
    this.#malformed = true;
    this.#body.end(this.#failure);
    this.#settle?.();
  }

  #soFar(): string {
    if (this.#head === undefined) return "; no head had come";
    const body = this.#body.size === 0 ? "no body" : quoted(this.#body.text);
    return `; ${this.#head.status} and ${body} had come`;
  }

  #checked(): this {
    if (this.#malformed && this.#failure !== undefined) throw this.#failure;
    return this;
  }

  #uploading(): Upload {
    if (this.#upload !== undefined) return this.#upload;
    throw new TypeError("the body of this request was given with it; make it with upload: true");
  }

  #whole(): Promise<FinishedReply> {
    this.#settled ??= new Promise((resolve, reject) => {
      const settle = (): void => {
        if (this.#failure !== undefined || this.#head === undefined) reject(this.#failure);
        else resolve(this.#finished(this.#head));
      };
      if (this.#done || this.#failure !== undefined) settle();
      else this.#settle = settle;
    });
    return this.#settled;
  }

  #finished({ status }: ReplyHead): FinishedReply {
    const { reason, headers, trailers, informational } = this;
    const body = this.#body;
    return {
      status,
      reason,
      headers,
      trailers,
      informational,
      get text() {
        return body.text;
      },
      get bytes() {
        return body.bytes;
      },
      json: () => JSON.parse(body.text) as unknown,
    };
  }
}
