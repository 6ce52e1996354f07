// Takes a content as it comes, and says what it was.
import { createHash } from "node:crypto";
import { HttpServlet } from "weftline/servlet";

/** 16 MiB. */
const MOST_BYTES = 16 * 1_024 * 1_024;

export class Upload extends HttpServlet {
  readonly #hash = createHash("sha256");
  #got = 0;

  override processRequest(): void {
    if (this.requestMethod() !== "PUT") return this.sendError(405);
    if (this.contentLength() > MOST_BYTES) return this.sendError(413);
  }

  override processContent(piece: Uint8Array): void {
    this.#got += piece.length;
    if (this.#got > MOST_BYTES) return this.sendError(413);
    this.#hash.update(piece);
  }

  override processContentEnd(): void {
    this.sendResponse(201);
    this.sendHeader("Content-Type", "text/plain");
    this.endHeaders();
    this.sendContent(`${this.#got} bytes, SHA-256 ${this.#hash.digest("hex")}\n`);
    this.endContent();
  }
}
