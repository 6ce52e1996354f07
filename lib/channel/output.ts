import type { Transport } from "../transport/transport.ts";
import { WritePace } from "./pace.ts";
import type { Timeouts } from "./timeouts.ts";

/** Gathered text beyond which it leaves at once, in characters. */
const GATHER = 65_536;

/** What goes out on a connection: gathered while more may follow in the same turn, so that it leaves in one write. */
export class Output {
  readonly #transport: Transport;
  readonly #pace: WritePace;
  #gathered = "";
  /** Whether to gather rather than send at once. */
  gathering = false;
  /** The client does not keep up; until the transport says `drained`. */
  slow = false;

  constructor(transport: Transport, timeouts: Timeouts) {
    this.#transport = transport;
    this.#pace = new WritePace(timeouts);
  }

  /** Bytes that the kernel has not taken, without those gathered here. */
  get unsent(): number {
    return this.#transport.unsent;
  }

  /** Bytes that the kernel has not taken, those gathered here included. */
  get waiting(): number {
    return this.#transport.unsent + this.#gathered.length;
  }

  /** Text, one byte a character. False: the client is slow. */
  send(text: string): boolean {
    this.#gathered = this.#gathered === "" ? text : this.#gathered + text;
    if (!this.gathering || this.#gathered.length > GATHER) this.flush();
    return !this.slow;
  }

  /** Text, bytes, text in one go, behind what was gathered. */
  sendBytes(before: string, bytes: Uint8Array, after: string): boolean {
    const text = this.#gathered + before;
    this.#gathered = "";
    this.#pace.wrote(text.length + bytes.length + after.length);
    if (!this.#transport.writeBoth(text, bytes, after)) this.slow = true;
    return !this.slow;
  }

  flush(): void {
    const text = this.#gathered;
    if (text === "") return;
    this.#gathered = "";
    this.#pace.wrote(text.length);
    if (!this.#transport.write(text)) this.slow = true;
  }

  /** Whether the client takes what waits too slowly; asked by the sweep. */
  stalled(now: number): boolean {
    return this.#pace.stalled(now, this.#transport.unsent);
  }
}
