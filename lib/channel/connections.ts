import { type Clock, keepHouse } from "../defer/clock.ts";
import type { Address } from "../transport/address.ts";
import type { ChannelLimits } from "./limits.ts";

/** A connection, as the set that watches over it sees it. */
export interface Connection {
  readonly client: Address;
  /** Whether a request is being answered. */
  readonly busy: boolean;
  /** When it last became idle, in ms on the clock; undefined while it has anything to do. */
  readonly idleSince: number | undefined;
  /** Looks at its deadlines. */
  sweep(now: number): void;
  /** The turn of the event loop in which it asked for this is over. */
  turnEnded(): void;
  /** No request after the one in progress; closes at once when idle. */
  drain(): void;
  /** Ends now, whatever it does, because the site closes. */
  cut(): void;
}

/** What a close came to. */
export interface CloseReport {
  /** Requests that were in progress and were answered within the grace. */
  readonly finished: number;
  /** Requests that were cut off at its end. */
  readonly cut: number;
}

/** How often deadlines are looked at: each may be late by this much. One timer for all connections, only while there are any. */
export const SWEEP_MS = 1_000;

/** The share of `maxConnections` beyond which the longest idle are closed to make room. */
const CROWDED = 0.8;

// Taken when loaded: a test that fakes the process's timers must not freeze the notice of a FIN.
const { setImmediate } = globalThis;

/** All connections of a site: their one timer, their number, their common end. */
export class Connections {
  readonly #clock: Clock;
  readonly #limits: ChannelLimits;
  readonly #all = new Set<Connection>();
  readonly #perAddress = new Map<string, number>();
  #sweeping = false;
  readonly #turn = new Set<Connection>();
  #turnDue = false;
  /** What each drain still waits for, and what it does when that is nothing. */
  readonly #drains = new Map<Set<Connection>, () => void>();

  constructor(clock: Clock, limits: ChannelLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get size(): number {
    return this.#all.size;
  }

  has(connection: Connection): boolean {
    return this.#all.has(connection);
  }

  /** Those there are now. */
  list(): readonly Connection[] {
    return [...this.#all];
  }

  /** Whether one more from this address may come; closes the longest idle ones first when it gets crowded. */
  admits(client: Address): boolean {
    const { maxConnections, maxConnectionsPerAddress } = this.#limits;
    if (maxConnections > 0 && this.#all.size >= maxConnections * CROWDED) this.closeIdle();
    if (maxConnections > 0 && this.#all.size >= maxConnections) return false;
    return !(
      maxConnectionsPerAddress > 0 &&
      (this.#perAddress.get(client.host) ?? 0) >= maxConnectionsPerAddress
    );
  }

  add(connection: Connection): void {
    this.#all.add(connection);
    this.#count(connection.client.host, 1);
    if (!this.#sweeping) keepHouse(this.#clock, SWEEP_MS, this.#sweepAll);
    this.#sweeping = true;
  }

  delete(connection: Connection): void {
    if (!this.#all.delete(connection)) return;
    this.#turn.delete(connection);
    this.#count(connection.client.host, -1);
    for (const [left, end] of this.#drains) if (left.delete(connection) && left.size === 0) end();
  }

  /** Calls `connection.turnEnded()` when all that this turn of the event loop brought has been dealt with. */
  atTurnEnd(connection: Connection): void {
    this.#turn.add(connection);
    if (!this.#turnDue) setImmediate(this.#endTurn);
    this.#turnDue = true;
  }

  /** Lets `those` finish what they do for at most `graceMs`, then cuts them off. */
  async drain(those: readonly Connection[], graceMs: number): Promise<CloseReport> {
    const busy = those.filter((one) => one.busy).length;
    const left = new Set(those);
    const gone = this.#gone(left, graceMs);
    for (const connection of those) connection.drain();
    await gone;
    let cut = 0;
    for (const connection of left) {
      if (connection.busy) cut += 1;
      connection.cut();
    }
    return { finished: Math.max(0, busy - cut), cut };
  }

  /** When none of `left` is left, or the grace is over. */
  #gone(left: Set<Connection>, graceMs: number): Promise<void> {
    if (left.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        this.#drains.delete(left);
        deadline?.cancel();
        resolve();
      };
      const deadline = Number.isFinite(graceMs) ? keepHouse(this.#clock, graceMs, end) : undefined;
      this.#drains.set(left, end);
    });
  }

  /** Goes on while there are connections. When the last one leaves it is not called off: another may come at once. */
  readonly #sweepAll = (): void => {
    this.#sweeping = this.#all.size > 0;
    if (!this.#sweeping) return;
    keepHouse(this.#clock, SWEEP_MS, this.#sweepAll);
    const now = this.#clock.now();
    for (const connection of this.#all) connection.sweep(now);
  };

  readonly #endTurn = (): void => {
    const those = [...this.#turn];
    this.#turn.clear();
    this.#turnDue = false;
    for (const connection of those) connection.turnEnded();
  };

  /** Closes the connection that has been idle for longest. */
  closeIdle(): void {
    let oldest: Connection | undefined;
    for (const one of this.#all) {
      if ((one.idleSince ?? Infinity) < (oldest?.idleSince ?? Infinity)) oldest = one;
    }
    oldest?.drain();
  }

  #count(host: string, change: number): void {
    if (this.#limits.maxConnectionsPerAddress === 0) return;
    const count = (this.#perAddress.get(host) ?? 0) + change;
    if (count > 0) this.#perAddress.set(host, count);
    else this.#perAddress.delete(host);
  }
}
