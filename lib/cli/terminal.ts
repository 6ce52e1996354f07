import type { Writable } from "node:stream";

/** 1 MiB of lines that nobody has read. After that they are dropped and counted. */
const UNREAD_BYTES = 1_048_576;

/** A stream of lines that never holds anybody up: where it is full or closed, lines are dropped. */
class Lines {
  readonly #stream: Writable;
  #dropped = 0;
  #closed = false;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on("error", () => {
      this.#closed = true;
    });
  }

  write(line: string): void {
    if (this.#closed) return;
    if (this.#stream.writableLength > UNREAD_BYTES) {
      this.#dropped += 1;
      return;
    }
    if (this.#dropped > 0) this.#stream.write(`${this.#dropped} lines were dropped\n`);
    this.#dropped = 0;
    this.#stream.write(`${line}\n`);
  }

  /** When everything was taken. Never where nobody reads. */
  flushed(): Promise<void> {
    if (this.#closed || this.#stream.writableLength === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#stream.write("", () => {
        resolve();
      });
    });
  }
}

/** Where the command says what it has to say. A reader that is slow or gone costs lines, never time (`weftline … | head -1`). */
export class Terminal {
  readonly #out: Lines;
  readonly #err: Lines;

  constructor(out: Writable, err: Writable) {
    this.#out = new Lines(out);
    this.#err = new Lines(err);
  }

  /** A line of what was asked for. */
  print(line: string): void {
    this.#out.write(line);
  }

  /** A line about what went wrong. */
  warn(line: string): void {
    this.#err.write(line);
  }

  /** When all lines were taken. Never where nobody reads. */
  async flushed(): Promise<void> {
    await Promise.all([this.#out.flushed(), this.#err.flushed()]);
  }
}
