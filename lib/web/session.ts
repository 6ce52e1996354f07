import { createHash, randomBytes } from "node:crypto";
import type { CookieOptions } from "../fields/cookies.ts";
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
  /** Without a request, in ms: 900,000 (15 min, Twisted's). */
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
  addCookie(name: string, value: string, options?: CookieOptions): void;
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
   * Keeps a value, and with the first one begins the session, which takes a cookie: the head of the response must not be out.
   *
   * A store outside the process has it when the result resolves; with that of the memory there is nothing to wait for.
   */
  set<T>(slot: SessionSlot<T>, value: T): Promise<void> {
    this.#record.values.set(slot.name, value);
    return this.#save();
  }

  /** Takes a value back, as {@link set}. */
  delete(slot: SessionSlot<unknown>): Promise<void> {
    const deleted = this.#record.values.delete(slot.name);
    return deleted ? this.#save() : Promise.resolve();
  }

  /** Gives the session a new id, and makes the old one worthless at once: to be done when a visitor logs in. */
  async regenerate(): Promise<void> {
    const before = this.#id;
    if (before === undefined) return;
    this.#id = this.#issue();
    await this.#sessions.store.save(keyOf(this.#id), this.#record, keyOf(before));
  }

  /** Ends it: what it kept is gone, listeners are told, the cookie is taken back. For a logout. */
  async expire(): Promise<void> {
    const id = this.#id;
    if (id === undefined) return;
    const record = this.#record;
    this.#id = undefined;
    this.#record = { values: new Map(), listeners: new Set() };
    this.#bearer.addCookie(this.#sessions.cookieName(this.#bearer.isSecure), "", { maxAgeMs: 0 });
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

  #save(): Promise<void> {
    this.#id ??= this.#issue();
    return Promise.resolve(this.#sessions.store.save(keyOf(this.#id), this.#record));
  }

  #issue(): string {
    const id = randomBytes(ID_BYTES).toString("base64url");
    const { isSecure } = this.#bearer;
    const { sameSite } = this.#sessions;
    this.#bearer.addCookie(this.#sessions.cookieName(isSecure), id, { sameSite, secure: isSecure });
    return id;
  }
}

/** The sessions of a site. */
export class Sessions {
  readonly store: SessionStore;
  readonly sameSite: "lax" | "strict" | "none";
  readonly #name: string;
  readonly #report: (error: unknown) => void;

  /** `report` is told what listeners throw. */
  constructor(
    options: SessionOptions,
    clock: SessionLife["clock"],
    report: (error: unknown) => void,
  ) {
    const { idleMs = 900_000, absoluteMs = 86_400_000, maxSessions = 100_000 } = options;
    this.#name = options.cookieName ?? "weftline_session";
    this.sameSite = options.sameSite ?? "lax";
    this.#report = report;
    this.store = options.store ?? new MemorySessionStore();
    this.store.open({ clock, idleMs, absoluteMs, maxSessions }, (record) => {
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
