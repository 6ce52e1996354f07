import { read } from "node:fs";
import type { ByteRange } from "../fields/ranges.ts";
import { NOT_DONE_YET, type NotDoneYet } from "../web/body.ts";
import type { Request } from "../web/request.ts";
import { giveBuffer, PIECE_BYTES, takeBuffer } from "./buffer-pool.ts";
import { closeFile } from "./open-file.ts";

/** What a body is made of, in order: bytes, and parts of the file. */
export type BodyPart = Uint8Array | ByteRange;

/**
 * Sends parts of an open file as the body of the response, no faster than the client takes them, with two buffers at most.
 *
 * The descriptor is closed when the last byte was read, or when the request is over before that. A file that has shrunk, or cannot
 * be read any more, breaks the response off. The Content-Length must have been set.
 */
export function sendFile(
  request: Request,
  descriptor: number,
  parts: readonly BodyPart[],
): NotDoneYet {
  new FileTransfer(request, descriptor, parts).start();
  return NOT_DONE_YET;
}

class FileTransfer {
  readonly #request: Request;
  readonly #parts: BodyPart[];
  #descriptor: number;
  /** Bytes of the first part that are done. */
  #done = 0;
  #reading = false;
  #over = false;
  #buffer: Buffer = takeBuffer();
  /** The one that was written before; of it nothing waits any more when less than a whole piece does. */
  #other: Buffer | undefined;

  constructor(request: Request, descriptor: number, parts: readonly BodyPart[]) {
    this.#request = request;
    this.#descriptor = descriptor;
    this.#parts = [...parts];
  }

  start(): void {
    this.#request.notifyFinish().then(
      () => this.#giveBack(),
      // A lost connection may still hold its buffers.
      () => this.#end(),
    );
    this.#fill(0);
  }

  /** Fills the buffer from `at` on, so that only the last piece is shorter than the others, and sends it. */
  #fill(at: number): void {
    const part = this.#parts[0];
    if (part === undefined || at === PIECE_BYTES) return this.#send(at);
    const room = PIECE_BYTES - at;
    if (part instanceof Uint8Array) {
      const bytes = part.subarray(this.#done, this.#done + room);
      this.#buffer.set(bytes, at);
      this.#advance(bytes.length, part.length);
      return this.#fill(at + bytes.length);
    }
    const length = Math.min(room, part.end - part.start - this.#done);
    this.#reading = true;
    read(this.#descriptor, this.#buffer, at, length, part.start + this.#done, (error, count) => {
      this.#reading = false;
      if (this.#over) return this.#close();
      if (error !== null) return this.#break(error.message);
      if (count === 0) return this.#break("it has become shorter");
      this.#advance(count, part.end - part.start);
      this.#fill(at + count);
    });
  }

  #advance(count: number, length: number): void {
    this.#done += count;
    if (this.#done < length) return;
    this.#parts.shift();
    this.#done = 0;
    if (this.#parts.length === 0) this.#close();
  }

  #send(length: number): void {
    const request = this.#request;
    try {
      const flows = request.write(this.#buffer.subarray(0, length));
      if (this.#parts.length === 0) return request.finish();
      if (flows) return this.#next();
    } catch (error) {
      return request.site.failed(request, error);
    }
    void request.drained().then(() => this.#next());
  }

  #next(): void {
    // Those who wait for a client are also told when it is gone.
    if (this.#request.phase !== "started") return;
    const written = this.#buffer;
    this.#buffer = this.#other ?? takeBuffer();
    this.#other = written;
    this.#fill(0);
  }

  #break(why: string): void {
    const request = this.#request;
    const { id, method, path } = request;
    request.site.log.warn({ id, method, path }, `a file could not be sent to its end: ${why}`);
    request.abort();
  }

  /** The whole response was taken. */
  #giveBack(): void {
    this.#end();
    giveBuffer(this.#buffer);
    if (this.#other !== undefined) giveBuffer(this.#other);
  }

  #end(): void {
    this.#over = true;
    if (!this.#reading) this.#close();
  }

  #close(): void {
    if (this.#descriptor < 0) return;
    closeFile(this.#descriptor);
    this.#descriptor = -1;
  }
}
