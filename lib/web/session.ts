import { createHash, randomBytes } from "node:crypto";
import { type CookieOptions, serializeCookie } from "../fields/cookies.ts";
import { resolved } from "./limits.ts";
import {
  MemorySessionStore,
  type SessionLife,
  type SessionRecord,
  type SessionStore,
} from "./session-store.ts";

/** How a site keeps sessions. */
export interface SessionOptions {
  /** The name of the cookie; `weftline_session`. Over TLS it gets the prefix `__Host-`. */
  readonly cookieName?: string;
  /** Without a request, in ms: 900,000 (15 min, Twisted's). 0: no limit, as with the others. */
  readonly idleMs?: number;
  /** In all, in ms: 86,400,000 (24 h). */
  readonly absoluteMs?: number;
  /** At once: 100,000. Beyond it the one that was idle for longest goes. */
  readonly maxSessions?: number;
  /** `lax`; see `CookieOptions`. */
  readonly sameSite?: CookieOptions["sameSite"];
  /** In the memory of the process, unless given. */
  readonly store?: SessionStore;
}

/**
 * A place for one kind of thing in sessions: `const visits = new SessionSlot("visits", () => 0)`. Twisted's components by interface, typed.
 */
export class SessionSlot<T> {
  readonly name: string;
  /** What a session has there before anything was set. */
  readonly initial: () => T;

  constructor(name: string, initial: () => T) {
    this.name = name;
    this.initial = initial;
  }
}

/** What a session needs of the request that it is asked for by. */
export interface SessionBearer {
  readonly cookies: ReadonlyMap<string, string>;
  readonly isSecure: boolean;
  /** Sets a cookie in the place of one of that name; the page of an error has it too. Throws once the head is out. */
  replaceCookie(name: string, value: string, options: CookieOptions): void;
}

/** 32 random bytes in base64url. */
const ID = /^[\w-]{43}$/;
const ID_BYTES = 32;

/**
 * What a site remembers of one visitor from request to request, by a cookie. Twisted's `Session`.
 *
 * It begins to exist when something is set; until then no cookie is sent and nothing is kept. An id that the site did not give out is never adopted.
 */
export class Session {
  readonly #sessions: Sessions;
  readonly #bearer: SessionBearer;
  #id: string | undefined;
  #record: SessionRecord;

  /** @internal */
  constructor(sessions: Sessions, bearer: SessionBearer, id?: string, record?: SessionRecord) {
    this.#sessions = sessions;
    this.#bearer = bearer;
    this.#id = id;
    this.#record = record ?? { values: new Map(), listeners: new Set() };
  }

  /** Whether nothing is kept of this visitor yet. */
  get isNew(): boolean {
    return this.#id === undefined;
  }

  /** What was set, else what the slot begins with; asking stores nothing. */
  get<T>(slot: SessionSlot<T>): T {
    const { values } = this.#record;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only `set` of the same slot puts it there
    return values.has(slot.name) ? (values.get(slot.name) as T) : slot.initial();
  }

  has(slot: SessionSlot<unknown>): boolean {
    return this.#record.values.has(slot.name);
  }

  /**
   * Keeps a value, and with the first one begins the session, which takes a cookie: rejects once the head of the response is out.
   *
   * A store outside the process has it when the result resolves; with that of the memory it is kept when the call returns. A session that another
   * request has ended meanwhile is not brought back: what is set then is lost.
   */
  async set<T>(slot: SessionSlot<T>, value: T): Promise<void> {
    const { store } = this.#sessions;
    const id = this.#id;
    if (id === undefined) this.#id = this.#issue();
    this.#record.values.set(slot.name, value);
    if (id !== undefined) await store.save(keyOf(id), this.#record);
    else await store.create(keyOf(this.#id ?? ""), this.#record);
  }

  /** Takes a value back, as {@link set}. */
  async delete(slot: SessionSlot<unknown>): Promise<void> {
    const deleted = this.#record.values.delete(slot.name);
    if (deleted && this.#id !== undefined) {
      await this.#sessions.store.save(keyOf(this.#id), this.#record);
    }
  }

  /**
   * Gives the session a new id, and makes the old one worthless at once: to be done when a visitor logs in, before the first `set` of what only they may see.
   *
   * One that stores nothing has no id that anybody could know, and needs no new one.
   */
  async regenerate(): Promise<void> {
    const before = this.#id;
    if (before === undefined) return;
    const id = this.#issue();
    this.#id = id;
    await this.#sessions.store.save(keyOf(before), this.#record, keyOf(id));
  }

  /** Ends it: what it kept is gone, listeners are told, the cookie is taken back. For a logout. What is set afterwards begins a new one. */
  async expire(): Promise<void> {
    const id = this.#id;
    if (id === undefined) return;
    const record = this.#record;
    this.#send("", 0);
    this.#id = undefined;
    this.#record = { values: new Map(), listeners: new Set() };
    if (await this.#sessions.store.delete(keyOf(id))) this.#sessions.tell(record);
  }

  /** Calls `listener` when the session is over, by a logout or by time. One that throws stops no other. A session that stores nothing never ends. */
  notifyOnExpire(listener: () => void): Disposable {
    const { listeners } = this.#record;
    listeners.add(listener);
    return {
      [Symbol.dispose]: () => {
        listeners.delete(listener);
      },
    };
  }

  #issue(): string {
    const id = randomBytes(ID_BYTES).toString("base64url");
    this.#send(id);
    return id;
  }

  #send(value: string, maxAgeMs?: number): void {
    const { isSecure } = this.#bearer;
    const { sameSite } = this.#sessions;
    const options = { sameSite, secure: isSecure, maxAgeMs };
    this.#bearer.replaceCookie(this.#sessions.cookieName(isSecure), value, options);
  }
}

/** For comparison: Twisted 15 minutes idle, PHP 24, OWASP advises 15 to 30 and 4 to 8 hours in all. */
const DEFAULT_LIFE = { idleMs: 900_000, absoluteMs: 86_400_000, maxSessions: 100_000 };

/** The sessions of a site. */
export class Sessions {
  readonly store: SessionStore;
  readonly sameSite: "lax" | "strict" | "none";
  readonly #name: string;
  readonly #report: (error: unknown) => void;

  /** `report` is told what listeners throw. Throws a TypeError for options that are none. */
  constructor(
    options: SessionOptions,
    clock: SessionLife["clock"],
    report: (error: unknown) => void,
  ) {
    const { idleMs, absoluteMs, maxSessions } = options;
    const life = resolved(DEFAULT_LIFE, { idleMs, absoluteMs, maxSessions });
    this.#name = options.cookieName ?? "weftline_session";
    this.sameSite = options.sameSite ?? "lax";
    this.#report = report;
    this.store = options.store ?? new MemorySessionStore();
    serializeCookie(this.#name, "");
    this.store.open({ clock, ...life }, (record) => {
      this.tell(record);
    });
  }

  /** The session whose cookie a request carries, else one that does not exist yet. At once where the store answers at once. */
  of(bearer: SessionBearer): Session | Promise<Session> {
    const id = bearer.cookies.get(this.cookieName(bearer.isSecure));
    if (id === undefined || !ID.test(id)) return new Session(this, bearer);
    const record = this.store.load(keyOf(id));
    if (record instanceof Promise) return record.then((found) => this.#found(bearer, id, found));
    return this.#found(bearer, id, record);
  }

  cookieName(isSecure: boolean): string {
    return isSecure ? `__Host-${this.#name}` : this.#name;
  }

  /** Tells those who want to know that a session is over. */
  tell({ listeners }: SessionRecord): void {
    const those = [...listeners];
    listeners.clear();
    for (const listener of those) {
      try {
        listener();
      } catch (error) {
        this.#report(error);
      }
    }
  }

  #found(bearer: SessionBearer, id: string, record: SessionRecord | undefined): Session {
    return record === undefined ? new Session(this, bearer) : new Session(this, bearer, id, record);
  }
}

/** Stores know only digests of ids. */
function keyOf(id: string): string {
  return createHash("sha256").update(id).digest("base64url");
}
