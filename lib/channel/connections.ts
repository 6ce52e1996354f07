import { type Clock, keepHouse } from "../defer/clock.ts";
import type { Address } from "../transport/address.ts";
import { Troubles } from "../transport/troubles.ts";
import type { ChannelLimits } from "./limits.ts";
import { past } from "./pace.ts";
import type { Timeouts } from "./timeouts.ts";

/** A connection, as the set that watches over it sees it. */
export interface Connection {
  readonly client: Address;
  /** Whether a request is being answered. */
  readonly busy: boolean;
  /** When it last became idle, in ms on the clock; undefined while it has anything to do. */
  readonly idleSince: number | undefined;
  /** Whether it has not asked for anything yet. */
  readonly fresh: boolean;
  /** Looks at its deadlines. */
  sweep(now: number): void;
  /** The turn of the event loop in which it asked for this is over. */
  turnEnded(): void;
  /** No request after the one in progress; an idle one says goodbye and waits for the client to do the same. */
  drain(): void;
  /** Ends now, whatever it does: its place is wanted, or the site closes. */
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

/** So many sweeps have to be late, one after the other, for an overload. */
const LATE_SWEEPS = 2;

/** The share of `maxConnections` beyond which the longest idle are closed to make room. */
const CROWDED = 0.8;

/** How often all connections are looked through for idle ones, at most, in ms: a flood must not make each new one look at all others. */
const LOOK_MS = 100;

/** So long a connection that has not asked for anything yet is not taken for an idle one: many may come in one turn of the event loop. */
const FRESH_MS = 1_000;

/** So many are told at once that there is no room; more are reset. Descriptors are kept free for them: see `maxConnections`. */
const MOST_TURNED_AWAY = 32;

// Taken when loaded: a test that fakes the process's timers must not freeze the notice of a FIN.
const { setImmediate } = globalThis;

/** So many idle ones are closed at once where descriptors run out. */
const MOST_CLOSED = 32;

/** A connection that was idle when last looked at, and since when. */
interface IdleConnection {
  readonly connection: Connection;
  readonly since: number;
}

/** What connections are held to. */
interface Bounds {
  readonly limits: ChannelLimits;
  readonly timeouts: Timeouts;
}

/** All connections of a site: their one timer, their number, their common end. */
export class Connections {
  readonly #clock: Clock;
  readonly #limits: ChannelLimits;
  readonly #all = new Set<Connection>();
  /** Those of `#all` for which there was no room, until they have been told. */
  readonly #turnedAway = new Set<Connection>();
  readonly #crowd: Troubles;
  /** The idle ones when last looked for, the longest idle last. */
  #idle: IdleConnection[] = [];
  #looked = -Infinity;
  readonly #timeouts: Timeouts;
  /** When the next sweep is due, and how many in a row were too late. */
  #due = 0;
  #lateSweeps = 0;
  readonly #perAddress = new Map<string, number>();
  #sweeping = false;
  readonly #turn = new Set<Connection>();
  #turnDue = false;
  /** What each drain still waits for, and what it does when that is nothing. */
  readonly #drains = new Map<Set<Connection>, () => void>();

  /** `warn` is told that there is no room, or too much to do, at most once a second. */
  constructor(clock: Clock, bounds: Bounds, warn: (trouble: Error) => void) {
    this.#clock = clock;
    this.#limits = bounds.limits;
    this.#timeouts = bounds.timeouts;
    this.#crowd = new Troubles(clock, warn);
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

  /**
   * Whether one more from this address may come.
   *
   * When it gets crowded the longest idle is asked to go, one for each that comes; when all places are taken it has to go at once.
   */
  admits(client: Address): boolean {
    const { maxConnections, maxConnectionsPerAddress } = this.#limits;
    if (this.#here >= maxConnections * CROWDED) this.#makeRoom(this.#here >= maxConnections);
    const admitted =
      this.#here < maxConnections &&
      (this.#perAddress.get(client.host) ?? 0) < maxConnectionsPerAddress;
    if (!admitted) {
      const of =
        this.#here < maxConnections ? `${maxConnectionsPerAddress} of one address` : maxConnections;
      this.#crowd.report(new Error(`no room for another connection: there are ${of}`));
    }
    return admitted;
  }

  /** Whether the event loop has been late for so long that no new request should begin. */
  get overloaded(): boolean {
    return this.#lateSweeps >= LATE_SWEEPS;
  }

  /** Says that a request was turned away because of it. */
  reportOverload(): void {
    this.#crowd.report(new Error("too much to do: new requests are answered 503"));
  }

  /** Whether so many are being told that there is no room that one more cannot be. */
  get tooManyTurnedAway(): boolean {
    return this.#turnedAway.size >= MOST_TURNED_AWAY;
  }

  /** Watches over one that was not admitted. It takes no place. */
  addTurnedAway(connection: Connection): void {
    this.#turnedAway.add(connection);
    this.#watch(connection);
  }

  add(connection: Connection): void {
    this.#count(connection.client.host, 1);
    this.#watch(connection);
  }

  #watch(connection: Connection): void {
    this.#all.add(connection);
    if (!this.#sweeping) this.#sweepLater(this.#clock.now());
    this.#sweeping = true;
  }

  delete(connection: Connection): void {
    if (!this.#all.delete(connection)) return;
    this.#turn.delete(connection);
    if (!this.#turnedAway.delete(connection)) this.#count(connection.client.host, -1);
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
    if (left.size === 0 || graceMs <= 0) return Promise.resolve();
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
    const now = this.#clock.now();
    const isLate = past(now - this.#due, this.#timeouts.overloadDelay);
    this.#lateSweeps = isLate && this.#sweeping ? this.#lateSweeps + 1 : 0;
    if (!this.#sweeping) return;
    this.#sweepLater(now);
    for (const connection of this.#all) connection.sweep(now);
  };

  #sweepLater(now: number): void {
    this.#due = now + SWEEP_MS;
    keepHouse(this.#clock, SWEEP_MS, this.#sweepAll);
  }

  readonly #endTurn = (): void => {
    const those = [...this.#turn];
    this.#turn.clear();
    this.#turnDue = false;
    for (const connection of those) connection.turnEnded();
  };

  /** Closes the connections that have been idle for longest, some of them: descriptors are wanted. */
  closeIdle(): void {
    for (let closed = 0; closed < MOST_CLOSED && this.#makeRoom(true); closed += 1);
  }

  /** Those that have a place. */
  get #here(): number {
    return this.#all.size - this.#turnedAway.size;
  }

  /** Asks the longest idle to go, or has it go at once. False where none was found. */
  #makeRoom(atOnce: boolean): boolean {
    for (;;) {
      const oldest = this.#idle.pop() ?? this.#look();
      if (oldest === undefined) return false;
      const { connection, since } = oldest;
      if (connection.idleSince !== since) continue;
      if (atOnce) connection.cut();
      else connection.drain();
      return true;
    }
  }

  /** Looks for idle ones, and gives the longest idle. */
  #look(): IdleConnection | undefined {
    const now = this.#clock.now();
    if (now - this.#looked < LOOK_MS) return undefined;
    this.#looked = now;
    for (const connection of this.#all) {
      const since = connection.idleSince;
      if (since === undefined || (connection.fresh && now - since < FRESH_MS)) continue;
      this.#idle.push({ connection, since });
    }
    // Of those that are idle since the same moment, the one that came first is the last.
    this.#idle = this.#idle.toReversed().toSorted((one, other) => other.since - one.since);
    return this.#idle.pop();
  }

  #count(host: string, change: number): void {
    if (this.#limits.maxConnectionsPerAddress === Infinity) return;
    const count = (this.#perAddress.get(host) ?? 0) + change;
    if (count > 0) this.#perAddress.set(host, count);
    else this.#perAddress.delete(host);
  }
}
