import type { Transport } from "../transport/transport.ts";
import { WritePace } from "./pace.ts";
import type { Timeouts } from "./timeouts.ts";

/** Gathered text beyond which it leaves at once, in characters. */
const GATHER = 65_536;

/** What goes out on a connection: gathered while more may follow in the same turn, so that it leaves in one write. */
export class Output {
  readonly #transport: Transport;
  #gathered = "";
  /** Bytes given to the transport, ever. */
  #written = 0;
  /** While a sweep finds that bytes wait. */
  #pace: WritePace | undefined = undefined;
  /** Whether to gather rather than send at once. */
  gathering = false;
  /** The client does not keep up; until the transport says `drained`. */
  slow = false;

  constructor(transport: Transport) {
    this.#transport = transport;
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
    this.#written += text.length + bytes.length + after.length;
    if (!this.#transport.writeBoth(text, bytes, after)) this.slow = true;
    return !this.slow;
  }

  flush(): void {
    const text = this.#gathered;
    if (text === "") return;
    this.#gathered = "";
    this.#written += text.length;
    if (!this.#transport.write(text)) this.slow = true;
  }

  /** Whether the client takes what waits too slowly; asked by the sweep. */
  stalled(now: number, timeouts: Timeouts): boolean {
    const { unsent } = this.#transport;
    if (unsent === 0) {
      this.#pace = undefined;
      return false;
    }
    const taken = this.#written - unsent;
    this.#pace ??= new WritePace(now, taken);
    return this.#pace.stalled(now, taken, timeouts);
  }
}
