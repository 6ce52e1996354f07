import { RequestParser } from "../http/request-parser.ts";
import type { Transport } from "../transport/transport.ts";
import type { ChannelLimits } from "./limits.ts";

/** How many times its bound the read-ahead may grow by {@link Input.probe}. */
const PROBED = 2;

/**
 * What comes in on a connection and was not taken yet, bounded.
 *
 * It is read on while a request is in progress, since a socket that does not read never hears that its peer left; past the bound it is
 * paused, and read once more at each {@link probe}.
 */
export class Input {
  readonly #transport: Transport;
  readonly #parser: RequestParser;
  readonly #bound: number;
  #paused = false;

  constructor(transport: Transport, limits: ChannelLimits) {
    this.#transport = transport;
    this.#parser = new RequestParser(limits);
    this.#bound = limits.readAheadBytes;
  }

  /** Bytes that wait. */
  get waiting(): number {
    return this.#parser.buffered;
  }

  /** Borrows bytes until {@link settle}. */
  feed(bytes: Uint8Array): void {
    this.#parser.feed(bytes);
  }

  /** What the parser has next. Throws a ProtocolError for what is not HTTP. */
  next(): ReturnType<RequestParser["next"]> {
    return this.#parser.next();
  }

  /** Keeps what waits, and pauses where that is too much. */
  settle(): void {
    this.#parser.settle();
    if (this.#paused || this.#parser.buffered <= this.#bound) return;
    this.#paused = true;
    this.#transport.pause();
  }

  /** Goes on where so much was taken that there is room again. */
  relax(): void {
    if (this.#paused && this.#parser.buffered <= this.#bound) this.resume();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#transport.resume();
  }

  /** Reads once more where it is paused; false when too much has come by that already. */
  probe(): boolean {
    if (this.#paused && this.#parser.buffered > PROBED * this.#bound) return false;
    this.resume();
    return true;
  }
}
