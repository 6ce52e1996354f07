const NOT_ASCII = /[^\0-\x7f]/;

type Ending = { readonly error: Error | undefined };

/** The bytes of a body as they come in. Kept as latin1, one character a byte; text and bytes are made when asked for. */
export class ReceivedBody implements AsyncIterable<string> {
  #latin1 = "";
  #ending: Ending | undefined = undefined;
  #wake: (() => void)[] | undefined = undefined;

  append(latin1: string): void {
    this.#latin1 += latin1;
    this.#tell();
  }

  /** Nothing more comes. With an error: because it was cut. */
  end(error?: Error): void {
    this.#ending ??= { error };
    this.#tell();
  }

  /** How many bytes have come. */
  get size(): number {
    return this.#latin1.length;
  }

  /** What has come, as UTF-8; the beginning of a character whose rest has not come is left out. */
  get text(): string {
    if (!NOT_ASCII.test(this.#latin1)) return this.#latin1;
    const stream = this.#ending === undefined;
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.bytes, { stream });
  }

  /** A copy of what has come. */
  get bytes(): Uint8Array {
    return new Uint8Array(Buffer.from(this.#latin1, "latin1"));
  }

  /** The text in the pieces in which it comes, from its beginning; throws where it was cut. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, void> {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    let at = 0;
    for (;;) {
      const ending = this.#ending;
      const piece = this.#latin1.slice(at);
      at += piece.length;
      const text = decoder.decode(Buffer.from(piece, "latin1"), { stream: ending === undefined });
      if (text !== "") yield text;
      if (ending?.error !== undefined) throw ending.error;
      if (ending !== undefined) return;
      // oxlint-disable-next-line no-await-in-loop -- the pieces come one after another
      if (at === this.#latin1.length && this.#ending === undefined) await this.#more();
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      (this.#wake ??= []).push(resolve);
    });
  }

  #tell(): void {
    const waiting = this.#wake;
    if (waiting === undefined) return;
    this.#wake = undefined;
    for (const wake of waiting) wake();
  }
}
