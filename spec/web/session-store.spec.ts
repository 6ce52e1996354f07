import { expect } from "chai";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import {
  MemorySessionStore,
  type SessionLife,
  type SessionRecord,
  type SessionStore,
} from "../../lib/web/session-store.ts";
import { behavesLikeSessionStore } from "../contracts/session-store.ts";

/** As one outside the process would be: it answers later, and keeps texts. */
class TextStore implements SessionStore {
  readonly #kept = new Map<string, { text: string; begunMs: number; touchedMs: number }>();
  #life: SessionLife | undefined;

  open(life: SessionLife): void {
    this.#life = life;
  }

  async load(key: string): Promise<SessionRecord | undefined> {
    await Promise.resolve();
    const kept = this.#live(key);
    if (kept === undefined) return undefined;
    this.#put(key, kept.text, kept.begunMs);
    return { values: new Map(JSON.parse(kept.text)), listeners: new Set() };
  }

  async create(key: string, record: SessionRecord): Promise<void> {
    await Promise.resolve();
    this.#put(key, JSON.stringify([...record.values]), this.#now);
    const [oldest = ""] = this.#kept.keys();
    if (this.#kept.size > (this.#life?.maxSessions ?? 0)) this.#kept.delete(oldest);
  }

  async save(key: string, record: SessionRecord, to: string = key): Promise<boolean> {
    await Promise.resolve();
    const kept = this.#live(key);
    if (kept === undefined) return false;
    this.#kept.delete(key);
    this.#put(to, JSON.stringify([...record.values]), kept.begunMs);
    return true;
  }

  async delete(key: string): Promise<boolean> {
    await Promise.resolve();
    return this.#kept.delete(key);
  }

  get #now(): number {
    return this.#life?.clock.now() ?? 0;
  }

  #live(key: string): { text: string; begunMs: number } | undefined {
    const { idleMs = 0, absoluteMs = 0 } = this.#life ?? {};
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    const isOver = this.#now - kept.touchedMs >= idleMs || this.#now - kept.begunMs >= absoluteMs;
    return isOver ? undefined : kept;
  }

  #put(key: string, text: string, begunMs: number): void {
    this.#kept.delete(key);
    this.#kept.set(key, { text, begunMs, touchedMs: this.#now });
  }
}

describe("web/session-store", () => {
  describe("in memory", () => {
    behavesLikeSessionStore(() => new MemorySessionStore(), { copies: false, listens: true });

    it("looks through them with one timer, while there are any", () => {
      const clock = new FakeClock();
      const store = new MemorySessionStore();
      store.open({ clock, idleMs: 90_000, absoluteMs: 1e9, maxSessions: 10 }, () => undefined);
      for (const key of ["a", "b"]) {
        store.create(key, { values: new Map(), listeners: new Set() });
        clock.advance(60_000);
      }
      expect(store.size).to.equal(1);
      clock.advance(60_000);
      expect(store.size).to.equal(0);
      expect(clock.pending).to.deep.equal([]);
    });

    it("looks through short ones more often, but not all the time", () => {
      for (const [idleMs, toldMs] of [
        [5_000, 6_250],
        [100, 1_000],
      ] as const) {
        const clock = new FakeClock();
        const store = new MemorySessionStore();
        let told = 0;
        store.open({ clock, idleMs, absoluteMs: 1e9, maxSessions: 10 }, () => (told = clock.now()));
        store.create("a", { values: new Map(), listeners: new Set() });
        clock.advance(60_000);
        expect(told).to.be.within(idleMs, toldMs);
      }
    });

    it("is of no use before a site has opened it", () => {
      const record = { values: new Map(), listeners: new Set<() => void>() };
      expect(() => new MemorySessionStore().create("a", record)).to.throw("not open");
    });
  });

  describe("outside the process", () => {
    behavesLikeSessionStore(() => new TextStore(), { copies: true, listens: false });
  });
});
