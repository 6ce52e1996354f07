import type { Address } from "./address.ts";
import { ABORTED, BROKEN, RESET } from "./lost-reasons.ts";
import { HIGH_WATER_BYTES, type Protocol, type Transport } from "./transport.ts";

export interface MemoryPairOptions {
  /** Where the server is reached; 127.0.0.1:80. */
  readonly server?: Address;
  /** Where the client comes from; 127.0.0.1:49152. */
  readonly client?: Address;
  /** What both ends say of encryption; false. Nothing is encrypted. */
  readonly secure?: boolean;
}

export interface MemoryPair {
  readonly server: MemoryTransport;
  readonly client: MemoryTransport;
}

/** At most so many bytes come in one `received`, as on a socket. */
const PIECE_BYTES = 64 * 1024;

/** Written over bytes after `received`, so that a protocol which keeps borrowed bytes is found out. */
const TAKEN = 0x3f;

const SERVER: Address = Object.freeze({ family: "IPv4", host: "127.0.0.1", port: 80 });
const CLIENT: Address = Object.freeze({ family: "IPv4", host: "127.0.0.1", port: 49_152 });

/** Two connected ends in memory, which behave as the two ends of a socket do; see {@link MemoryTransport}. */
export function memoryPair(options: MemoryPairOptions = {}): MemoryPair {
  const { server = SERVER, client = CLIENT, secure = false } = options;
  return MemoryTransport.connect(server, client, secure);
}

/**
 * One end of a connection in memory. The other end is told within the call: nothing waits for a turn of the event loop.
 *
 * - An end is never called while one of its own calls is running: what happens meanwhile is told when that call has returned.
 *   It may be called within its own `write`, when the other end answers at once.
 * - What the other end's protocol throws comes out of the call that caused it.
 * - While an end is paused it is told nothing of its peer, neither an end nor a reset, just like a socket that is not read;
 *   a `write` to a peer that is gone does find out.
 * - `end`: the peer gets what was written, then `ended`. When both have ended, both get `lost(undefined)`.
 * - `close`: as `end`, and once the peer has taken everything, `lost(undefined)` on this side, and on the other one right after `ended`
 *   (a socket would not learn before it writes that nobody is left). What the peer sends from the `close` on is dropped.
 * - `abort`: what the peer has not taken is dropped; it gets `lost` with code ECONNRESET, this side `lost` with code ECONNABORTED.
 */
export class MemoryTransport implements Transport {
  readonly local: Address;
  readonly peer: Address;
  readonly secure: boolean;

  #other: MemoryTransport = this;
  #protocol: Protocol | undefined = undefined;
  /** What came and was not taken. */
  readonly #waiting: (string | Uint8Array)[] = [];
  #waitingBytes = 0;
  /** How many bytes it still takes. */
  #allowance = Number.POSITIVE_INFINITY;
  #paused = false;
  #delivering = false;
  #drainDue = false;
  /** `drained` follows when nothing is unsent. */
  #drainAsked = false;
  /** Output: it is open, ended, or closed both ways. */
  #output: "open" | "ended" | "closed" = "open";
  /** Input: the peer's end was told. */
  #inputEnded = false;
  /** The peer has reset: found out when reading or writing. */
  #wasReset = false;
  /** `lost` is due, or was told. */
  #gone: "not" | "due" | "told" = "not";
  #reason: Error | undefined = undefined;

  private constructor(local: Address, peer: Address, secure: boolean) {
    this.local = local;
    this.peer = peer;
    this.secure = secure;
  }

  /** What {@link memoryPair} calls. */
  static connect(server: Address, client: Address, secure: boolean): MemoryPair {
    const pair = {
      server: new MemoryTransport(server, client, secure),
      client: new MemoryTransport(client, server, secure),
    };
    pair.server.#other = pair.client;
    pair.client.#other = pair.server;
    return pair;
  }

  get unsent(): number {
    return this.#other.#waitingBytes;
  }

  start(protocol: Protocol): void {
    this.#protocol = protocol;
    this.#deliver();
  }

  write(data: string | Uint8Array): boolean {
    return this.#send(data);
  }

  writeBoth(before: string, bytes: Uint8Array, after: string): boolean {
    return this.#send(Buffer.concat([bytesOf(before), bytes, bytesOf(after)]));
  }

  askDrained(): void {
    this.#drainAsked = true;
    if (this.unsent === 0) this.#relieve();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#deliver();
  }

  /** Nothing is on the way in memory. */
  afterReads(call: () => void): void {
    call();
  }

  /**
   * Makes this end a slow reader: from the first call on it takes only as many bytes as all calls together allowed.
   *
   * `allow(0)` stops it, `allow(Infinity)` sets it free again. An end or a reset costs nothing.
   */
  allow(bytes: number): void {
    this.#allowance = Number.isFinite(this.#allowance) ? this.#allowance + bytes : bytes;
    this.#deliver();
  }

  end(): void {
    if (this.#output !== "open" || this.#gone !== "not") return;
    this.#output = "ended";
    this.#other.#deliver();
    this.#leaveIfDone();
    this.#deliver();
  }

  close(): void {
    if (this.#output === "closed" || this.#gone !== "not") return;
    this.#output = "closed";
    this.#drop();
    this.#other.#relieve();
    this.#leaveIfDone();
    this.#deliver();
  }

  abort(): void {
    if (this.#gone !== "not") return;
    this.#output = "closed";
    this.#drop();
    this.#lose(ABORTED);
    this.#other.#drop();
    this.#other.#wasReset = true;
    this.#other.#deliver();
    this.#deliver();
  }

  #send(bytes: string | Uint8Array): boolean {
    if (this.#output !== "open" || this.#gone !== "not") return false;
    if (this.#noticesLoss()) return false;
    const other = this.#other;
    if (other.#output !== "closed" && bytes.length > 0) {
      other.#waiting.push(bytes);
      other.#waitingBytes += bytes.length;
      other.#deliver();
    }
    if (this.#gone !== "not") return false;
    if (this.unsent < HIGH_WATER_BYTES) return true;
    this.#drainAsked = true;
    return false;
  }

  /** A reset, or a peer that has closed, is found out by writing even if nothing is read. */
  #noticesLoss(): boolean {
    if (this.#wasReset) this.#lose(RESET);
    else if (this.#other.#gone !== "not" && !this.#inputEnded) this.#lose(BROKEN);
    else return false;
    this.#drop();
    this.#deliver();
    return true;
  }

  /** Tells the protocol what there is to tell, unless it is being told something already. */
  #deliver(): void {
    const protocol = this.#protocol;
    if (this.#delivering || protocol === undefined) return;
    this.#delivering = true;
    try {
      while (this.#tellNext(protocol));
    } finally {
      this.#delivering = false;
    }
  }

  /** False when there is nothing to tell. */
  #tellNext(protocol: Protocol): boolean {
    if (this.#wasReset && (!this.#paused || this.#output === "closed")) this.#lose(RESET);
    if (this.#gone !== "not") return this.#tellLost(protocol);
    if (this.#output === "closed") return false;
    if (this.#drainDue) {
      this.#drainDue = false;
      protocol.drained();
      return true;
    }
    if (this.#paused) return false;
    return this.#waiting.length > 0 ? this.#tellBytes(protocol) : this.#tellEnd(protocol);
  }

  #tellLost(protocol: Protocol): boolean {
    if (this.#gone === "told") return false;
    this.#gone = "told";
    protocol.lost(this.#reason);
    return false;
  }

  #tellBytes(protocol: Protocol): boolean {
    const first = this.#waiting[0];
    if (first === undefined || this.#allowance === 0) return false;
    const piece = this.#takeOf(first);
    try {
      protocol.received(piece);
    } finally {
      piece.fill(TAKEN);
      if (this.#waitingBytes === 0) this.#other.#relieve();
    }
    return true;
  }

  /** A copy of the first bytes of `first`, as many as may be taken at once. */
  #takeOf(first: string | Uint8Array): Uint8Array {
    const length = Math.min(first.length, PIECE_BYTES, this.#allowance);
    this.#allowance -= length;
    this.#waitingBytes -= length;
    const isText = typeof first === "string";
    if (length === first.length) this.#waiting.shift();
    else this.#waiting[0] = isText ? first.slice(length) : first.subarray(length);
    if (isText) return bytesOf(first.slice(0, length));
    return Uint8Array.prototype.slice.call(first, 0, length);
  }

  #tellEnd(protocol: Protocol): boolean {
    if (this.#other.#output === "open" || this.#inputEnded) return false;
    this.#inputEnded = true;
    try {
      protocol.ended();
    } finally {
      if (this.#other.#output === "closed") this.#lose(undefined);
      this.#leaveIfDone();
    }
    return true;
  }

  /** The other end has taken everything. */
  #relieve(): void {
    this.#drainDue ||= this.#drainAsked;
    this.#drainAsked = false;
    this.#leaveIfDone();
    this.#deliver();
  }

  #leaveIfDone(): void {
    if (this.unsent > 0) return;
    const ended = this.#output === "ended" && this.#inputEnded;
    if (ended || this.#output === "closed") this.#lose(undefined);
  }

  #lose(reason: Error | undefined): void {
    if (this.#gone !== "not") return;
    this.#gone = "due";
    this.#reason = reason;
  }

  /** What came is no longer wanted. */
  #drop(): void {
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
  }
}

/** One byte a character. */
function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}
