const HEAD_END = "\r\n\r\n";

/** Counts the whole responses in what a connection receives. Knows Content-Length and chunked bodies, of answers to GET and POST. */
export class ResponseCounter {
  #kept = "";
  #bodyLeft = 0;
  #chunked = false;
  /** Answers other than 2xx. */
  failures = 0;

  /** The number of responses that end in these bytes. */
  feed(bytes: Buffer): number {
    let text = this.#kept + bytes.toString("latin1");
    let ended = 0;
    for (;;) {
      const rest = this.#chunked ? this.#skipChunks(text) : this.#skip(text);
      if (rest === undefined) break;
      text = rest;
      if (this.#bodyLeft === 0 && !this.#chunked) ended += 1;
    }
    return ended;
  }

  /** What follows a head, or the rest of a body; undefined when there is not enough. */
  #skip(text: string): string | undefined {
    if (this.#bodyLeft > 0) return this.#skipBody(text);
    const end = text.indexOf(HEAD_END);
    if (end < 0) {
      this.#kept = text;
      return undefined;
    }
    this.#readHead(text.slice(0, end));
    return text.slice(end + HEAD_END.length);
  }

  #skipBody(text: string): string | undefined {
    this.#kept = "";
    if (text === "") return undefined;
    const skipped = Math.min(this.#bodyLeft, text.length);
    this.#bodyLeft -= skipped;
    return text.slice(skipped);
  }

  #readHead(head: string): void {
    if (head[9] !== "2") this.failures += 1;
    const length = /\r\ncontent-length: *(\d+)/i.exec(head);
    this.#bodyLeft = Number(length?.[1] ?? 0);
    this.#chunked = length === null && /\r\ntransfer-encoding: *chunked/i.test(head);
  }

  /** What follows the next chunk. The last one has no trailers here. */
  #skipChunks(text: string): string | undefined {
    const line = text.indexOf("\r\n");
    const size = line < 0 ? 0 : Number.parseInt(text, 16);
    const end = line + 2 + size + 2;
    if (line < 0 || text.length < end) {
      this.#kept = text;
      return undefined;
    }
    if (size === 0) this.#chunked = false;
    return text.slice(end);
  }
}
