import type { Exchange } from "../channel/exchange.ts";
import { HttpError } from "./http-error.ts";

type Step = IteratorResult<Uint8Array, undefined>;

interface Reader {
  /** Takes what there is; true when it has what it wants. */
  take(): boolean;
  fail(reason: unknown): void;
}

/** The pieces of a body until it is whole. */
class Gathering implements Reader {
  readonly #exchange: Exchange;
  readonly #limit: number;
  readonly #pieces: Uint8Array[] = [];
  #length = 0;
  #whole: Uint8Array | undefined;
  #failure: { readonly reason: unknown } | undefined;
  #done: ((whole: Uint8Array) => void) | undefined;
  #failed: ((reason: unknown) => void) | undefined;

  constructor(exchange: Exchange, limit: number) {
    this.#exchange = exchange;
    this.#limit = limit;
  }

  /** The whole body; undefined where it has not come, or will not. */
  get whole(): Uint8Array | undefined {
    return this.#whole;
  }

  /** Calls one of the two when there is no {@link whole} yet. */
  tell(done: (whole: Uint8Array) => void, failed: (reason: unknown) => void): void {
    this.#done = done;
    this.#failed = failed;
    if (this.#failure !== undefined) failed(this.#failure.reason);
  }

  take(): boolean {
    for (;;) {
      const piece = this.#exchange.take();
      if (piece === undefined) return false;
      if (piece === null) {
        this.#whole = joined(this.#pieces, this.#length);
        this.#done?.(this.#whole);
        return true;
      }
      this.#length += piece.length;
      if (this.#length > this.#limit) {
        this.fail(tooLarge(this.#limit));
        return true;
      }
      this.#pieces.push(piece);
    }
  }

  fail(reason: unknown): void {
    this.#failure = { reason };
    this.#failed?.(reason);
  }
}

/**
 * The body of a request as it comes in, read once: piece by piece, or whole.
 *
 * Nothing is asked of the client before somebody reads. A reader that stops leaves the rest to the connection.
 */
export class RequestBody implements AsyncIterable<Uint8Array> {
  readonly #exchange: Exchange;
  #reader: Reader | undefined;
  #used = false;
  #closed: (() => Error) | undefined;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** The pieces, each the caller's own. A second reader throws a TypeError; the loss of the client rejects. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    if (this.#used) throw alreadyRead();
    this.#used = true;
    return {
      next: () => this.#next(),
      return: () => Promise.resolve({ done: true, value: undefined }),
    };
  }

  /** Gathers the whole body, of at most `limit` bytes: at once, where all of it has come. Fails with an HttpError 413 for more, or with what else goes wrong. */
  gather(limit: number): Gathering {
    const gathering = new Gathering(this.#exchange, limit);
    const { bodyLength } = this.#exchange.head;
    const isSecond = this.#used;
    // Before anything is taken: who is told of a breach on the way may read as well.
    this.#used = true;
    if (isSecond) gathering.fail(alreadyRead());
    else if (bodyLength > limit) gathering.fail(tooLarge(limit));
    else this.#wait(gathering);
    return gathering;
  }

  /** There is more, or the end. */
  ready(): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    this.#reader = undefined;
    this.#wait(reader);
  }

  /** There will be no more: the client was lost, or the request is over. Who reads on gets what `reason` makes. */
  close(reason: () => Error): void {
    this.#closed = reason;
    this.#reader?.fail(reason());
    this.#reader = undefined;
  }

  #next(): Promise<Step> {
    if (this.#reader !== undefined) {
      return Promise.reject(new TypeError("the piece before is still being waited for"));
    }
    return new Promise((resolve, reject) => {
      const take = (): boolean => {
        const piece = this.#exchange.take();
        if (piece === undefined) return false;
        resolve(piece === null ? { done: true, value: undefined } : { done: false, value: piece });
        return true;
      };
      this.#wait({ take, fail: reject });
    });
  }

  #wait(reader: Reader): void {
    // Asking may itself find out that the client broke the protocol, and close.
    if (this.#closed === undefined && reader.take()) return;
    const closed = this.#closed;
    if (closed === undefined) this.#reader = reader;
    else reader.fail(closed());
  }
}

function alreadyRead(): TypeError {
  return new TypeError("the body of the request is already being read");
}

function tooLarge(limit: number): HttpError {
  return new HttpError(413, `The body may have at most ${limit} bytes.`);
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = pieces;
  if (first === undefined) return new Uint8Array(0);
  return pieces.length === 1 ? first : Buffer.concat(pieces, length);
}
