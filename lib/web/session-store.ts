import { type Clock, type DelayedCall, keepHouse } from "../defer/clock.ts";

/** How long sessions live. */
export interface SessionLife {
  readonly clock: Clock;
  /** Without a request, in ms. */
  readonly idleMs: number;
  /** In all, in ms. */
  readonly absoluteMs: number;
  /** Sessions at once; beyond it the one that was idle for longest goes. */
  readonly maxSessions: number;
}

/** What is kept of a session. */
export interface SessionRecord {
  /** By the name of their slot. */
  readonly values: Map<string, unknown>;
  /** Told once when the session is over. A store outside the process cannot keep them, and says so. */
  readonly listeners: Set<() => void>;
}

/**
 * Where sessions are kept. One in the memory of the process unless the site is given another; `spec/contracts/session-store.ts` is what any must pass.
 *
 * Keys are SHA-256 digests of the ids: who reads the store cannot take a session over. Results may be promises; with those of the memory store
 * nothing waits.
 */
export interface SessionStore {
  /** Called once, by the site, before anything else. `expired` is to be called with each session whose time is over, where the store knows. */
  open(life: SessionLife, expired: (record: SessionRecord) => void): void;
  /** What is kept under the key; undefined where nothing is, or its time is over. Its idle time begins anew. */
  load(key: string): SessionRecord | undefined | Promise<SessionRecord | undefined>;
  /** Keeps a new one; its absolute time begins now. */
  create(key: string, record: SessionRecord): void | Promise<void>;
  /**
   * Keeps what has changed. False, and nothing is kept, where there is nothing under the key any more: a session that another request ended is not brought back.
   *
   * With `to` the session is from now on under that key, and nothing under the old one; its absolute time goes on.
   */
  save(key: string, record: SessionRecord, to?: string): boolean | Promise<boolean>;
  /** Forgets it. False where nothing was kept. */
  delete(key: string): boolean | Promise<boolean>;
}

/** How often sessions that nobody asks for are looked through, in ms; a quarter of their life where that is less. One timer for all, only while there are any. */
const SWEEP_MS = 60_000;
/** Not more often than that, in ms. */
const LEAST_SWEEP_MS = 1_000;

interface Entry {
  readonly record: SessionRecord;
  readonly begunMs: number;
  touchedMs: number;
}

/** Sessions in the memory of this process: they end with it, and their values are the objects themselves. */
export class MemorySessionStore implements SessionStore {
  /** The one that was idle for longest comes first. */
  readonly #entries = new Map<string, Entry>();
  #life: SessionLife | undefined;
  #expired: (record: SessionRecord) => void = () => undefined;
  #sweep: DelayedCall | undefined;

  open(life: SessionLife, expired: (record: SessionRecord) => void): void {
    this.#life = life;
    this.#expired = expired;
  }

  /** How many there are. */
  get size(): number {
    return this.#entries.size;
  }

  load(key: string): SessionRecord | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (this.#isOver(entry)) {
      this.#end(key, entry);
      return undefined;
    }
    entry.touchedMs = this.#now;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.record;
  }

  create(key: string, record: SessionRecord): void {
    this.#entries.set(key, { record, begunMs: this.#now, touchedMs: this.#now });
    this.#makeRoom();
    this.#watch();
  }

  save(key: string, record: SessionRecord, to: string = key): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    this.#entries.delete(key);
    this.#entries.set(to, { record, begunMs: entry.begunMs, touchedMs: this.#now });
    return true;
  }

  delete(key: string): boolean {
    const deleted = this.#entries.delete(key);
    this.#watch();
    return deleted;
  }

  get #now(): number {
    return this.#opened.clock.now();
  }

  get #opened(): SessionLife {
    if (this.#life === undefined) throw new Error("the store of sessions is not open");
    return this.#life;
  }

  get #sweepMs(): number {
    const { idleMs, absoluteMs } = this.#opened;
    return Math.max(LEAST_SWEEP_MS, Math.min(SWEEP_MS, idleMs / 4, absoluteMs / 4));
  }

  #isOver({ begunMs, touchedMs }: Entry): boolean {
    const { idleMs, absoluteMs } = this.#opened;
    return this.#now - touchedMs >= idleMs || this.#now - begunMs >= absoluteMs;
  }

  #end(key: string, { record }: Entry): void {
    this.#entries.delete(key);
    this.#expired(record);
    this.#watch();
  }

  #makeRoom(): void {
    const { maxSessions } = this.#opened;
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= maxSessions) return;
      this.#end(key, entry);
    }
  }

  /** The sweep runs while there is something to look through. */
  #watch(): void {
    if (this.#entries.size === 0) {
      this.#sweep?.cancel();
      this.#sweep = undefined;
    } else this.#sweep ??= keepHouse(this.#opened.clock, this.#sweepMs, this.#sweepAll);
  }

  readonly #sweepAll = (): void => {
    this.#sweep = undefined;
    for (const [key, entry] of this.#entries) if (this.#isOver(entry)) this.#end(key, entry);
    this.#watch();
  };
}
