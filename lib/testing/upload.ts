import { type Clock, keepHouse } from "../defer/clock.ts";
import { latin1, type Piece } from "./request-message.ts";
import type { Upload } from "./test-reply.ts";

/** A body that goes out piece by piece: as chunks, or as it is where the length was announced. */
export class PiecewiseUpload implements Upload {
  readonly #output: (bytes: string) => boolean;
  readonly #chunked: boolean;
  /** What waits for the server's 100, where the request expects it. */
  #held: string | undefined;
  #ended = false;

  constructor(output: (bytes: string) => boolean, chunked: boolean, waits: boolean) {
    this.#output = output;
    this.#chunked = chunked;
    this.#held = waits ? "" : undefined;
  }

  write(piece: Piece): boolean {
    if (this.#ended) throw new TypeError("the body of this request has ended");
    const bytes = latin1(piece);
    if (bytes === "") return true;
    return this.#send(this.#chunked ? `${bytes.length.toString(16)}\r\n${bytes}\r\n` : bytes);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#chunked) this.#send("0\r\n\r\n");
  }

  proceed(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined && held !== "") this.#output(held);
  }

  #send(bytes: string): boolean {
    if (this.#held === undefined) return this.#output(bytes);
    this.#held += bytes;
    return true;
  }
}

/** How pieces are sent: all at once, or one every so many ms on a clock. */
export interface Pacing {
  readonly clock: Clock;
  readonly everyMs: number | undefined;
  /** The server takes more, or the connection is gone. */
  drained(): Promise<void>;
  /** Whether the connection is gone. */
  gone(): boolean;
}

/** Sends a list of pieces and ends. Without a pace it is done when this returns. */
export function sendList(pieces: readonly Piece[], upload: Upload, pacing: Pacing): void {
  const { clock, everyMs } = pacing;
  const rest = pieces.values();
  let next = rest.next();
  const send = (): void => {
    while (next.done !== true && !pacing.gone()) {
      upload.write(next.value);
      next = rest.next();
      if (next.done === true || everyMs === undefined) continue;
      keepHouse(clock, everyMs, send);
      return;
    }
    upload.end();
  };
  send();
}

/** Sends pieces as they come, no faster than the server takes them, and ends. Rejects with what the pieces throw. */
export async function sendStream(
  pieces: AsyncIterable<Piece>,
  upload: Upload,
  pacing: Pacing,
): Promise<void> {
  const { clock, everyMs } = pacing;
  for await (const piece of pieces) {
    const fast = upload.write(piece);
    if (!fast) await pacing.drained();
    if (pacing.gone()) return;
    if (everyMs === undefined) continue;
    await new Promise<void>((resolve) => keepHouse(clock, everyMs, resolve));
    if (pacing.gone()) return;
  }
  upload.end();
}
