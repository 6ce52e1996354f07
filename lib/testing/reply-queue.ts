import type { CookieJar } from "./cookie-jar.ts";
import { quoted, ReplyError } from "./reply-error.ts";
import { END, type ReplyHead, ResponseParser } from "./response-parser.ts";
import type { IncomingReply } from "./test-reply.ts";

/** The replies that one connection waits for, in order, and the bytes that become them. */
export class ReplyQueue {
  readonly #jar: CookieJar;
  readonly #parser = new ResponseParser();
  readonly #replies: IncomingReply[] = [];
  /** Which of them is being received. */
  #current = 0;

  /** Cookies that are set go into `jar`. */
  constructor(jar: CookieJar) {
    this.#jar = jar;
  }

  /** Those that came, come and are to come. */
  get all(): readonly IncomingReply[] {
    return this.#replies;
  }

  /** Whether all that were expected have come whole, and nothing else has come. */
  get idle(): boolean {
    return this.#current === this.#replies.length && this.#parser.buffered === 0;
  }

  /** Whether the last one has come whole. */
  get complete(): boolean {
    return this.#current > 0 && this.#current === this.#replies.length;
  }

  /** The last one has come whole, and nothing else is expected: more bytes than it are a fault of the server's. */
  checkStray(): void {
    const last = this.#replies.at(-1);
    const stray = this.#parser.rest;
    if (stray === "" || last?.status === 101) return;
    last?.spoil(`the server sent ${quoted(stray)} after the end of the reply`);
  }

  /** The reply to a request that is about to be sent: what came before cannot be a part of it. */
  expectNew(reply: IncomingReply): void {
    const stray = this.#current === this.#replies.length ? this.#parser.rest : "";
    this.expect(reply);
    if (stray !== "") reply.spoil(`the server had sent ${quoted(stray)} before the request`);
  }

  /** Takes what comes next, or came already, for this reply. */
  expect(reply: IncomingReply): void {
    if (this.#replies.push(reply) === this.#current + 1) this.#parser.expect(reply.method);
  }

  /** Takes bytes, as latin1. False when they break HTTP: then this connection is of no more use. */
  feed(bytes: string): boolean {
    this.#parser.feed(bytes);
    return this.parse();
  }

  /** Looks again at bytes that came before. */
  parse(): boolean {
    try {
      for (;;) {
        const reply = this.#replies[this.#current];
        const event = reply === undefined ? undefined : this.#parser.next();
        if (reply === undefined || event === undefined) return true;
        if (event === END) this.#end(reply);
        else if (typeof event === "string") reply.takePiece(event);
        else this.#head(reply, event);
      }
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error;
      for (const reply of this.#replies.slice(this.#current)) reply.spoil(error.message);
      return false;
    }
  }

  /** The server sends nothing more: that ends a reply, or cuts it. */
  close(): void {
    const reply = this.#replies[this.#current];
    if (reply === undefined) return;
    const end = this.#parser.close();
    if (end === END) this.#end(reply);
    else if (end !== undefined) this.fail(end.message);
  }

  /** No more replies will come. */
  fail(why: string): void {
    for (const reply of this.#replies.slice(this.#current)) reply.fail(why);
  }

  #end(reply: IncomingReply): void {
    reply.takeEnd(this.#parser.trailers);
    this.#current += 1;
    const next = this.#replies[this.#current];
    if (next !== undefined) this.#parser.expect(next.method);
  }

  #head(reply: IncomingReply, head: ReplyHead): void {
    reply.takeHead(head);
    if (head.setsCookies && reply.keepsCookies) this.#jar.take(reply.headers, reply.path);
  }
}
