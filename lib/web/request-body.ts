import type { Exchange } from "../channel/exchange.ts";
import { HttpError } from "./http-error.ts";

type Step = IteratorResult<Uint8Array, undefined>;

interface Reader {
  /** Takes what there is; true when it has what it wants. */
  take(): boolean;
  fail(reason: unknown): void;
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
    this.#use();
    return {
      next: () => this.#next(),
      return: () => Promise.resolve({ done: true, value: undefined }),
    };
  }

  /** Hands `done` the whole body, of at most `limit` bytes; `failed` an HttpError 413 for more, or what else went wrong. At once if it is there. */
  gather(
    limit: number,
    done: (bytes: Uint8Array) => void,
    failed: (reason: unknown) => void,
  ): void {
    try {
      this.#use();
    } catch (error) {
      return failed(error);
    }
    if (this.#exchange.head.bodyLength > limit) return failed(tooLarge(limit));
    const pieces: Uint8Array[] = [];
    let length = 0;
    const take = (): boolean => {
      for (let piece = this.#exchange.take(); piece !== undefined; piece = this.#exchange.take()) {
        if (piece === null) {
          done(joined(pieces, length));
          return true;
        }
        length += piece.length;
        if (length > limit) {
          failed(tooLarge(limit));
          return true;
        }
        pieces.push(piece);
      }
      return false;
    };
    this.#wait({ take, fail: failed });
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

  #use(): void {
    if (this.#used) throw new TypeError("the body of the request is already being read");
    this.#used = true;
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

function tooLarge(limit: number): HttpError {
  return new HttpError(413, `The body may have at most ${limit} bytes.`);
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = pieces;
  if (first === undefined) return new Uint8Array(0);
  return pieces.length === 1 ? first : Buffer.concat(pieces, length);
}
