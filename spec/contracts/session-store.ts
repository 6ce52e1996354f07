import { expect } from "chai";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { SessionSlot } from "../../lib/web/session.ts";
import type { SessionRecord, SessionStore } from "../../lib/web/session-store.ts";

/** What stores can do in different ways. */
export interface StoreTraits {
  /** Whether what was not saved is not kept either, as in a store outside the process. */
  readonly copies: boolean;
  /** Whether listeners of the end outlive the request. */
  readonly listens: boolean;
}

const IDLE_MS = 900_000;
const ABSOLUTE_MS = 86_400_000;
const visits = new SessionSlot("visits", () => 0);

function recordOf(visitsSoFar: number): SessionRecord {
  return { values: new Map([[visits.name, visitsSoFar]]), listeners: new Set() };
}

/** What any store of sessions must do. `make` gives a new, empty one. */
export function behavesLikeSessionStore(make: () => SessionStore, traits: StoreTraits): void {
  let clock: FakeClock;
  let store: SessionStore;
  let expired: SessionRecord[];

  beforeEach(() => {
    clock = new FakeClock();
    store = make();
    expired = [];
    const life = { clock, idleMs: IDLE_MS, absoluteMs: ABSOLUTE_MS, maxSessions: 3 };
    store.open(life, (record) => expired.push(record));
  });

  const visitsUnder = async (key: string): Promise<unknown> =>
    (await store.load(key))?.values.get(visits.name);

  it("keeps what was created", async () => {
    await store.create("a", recordOf(1));
    await store.create("b", recordOf(2));
    expect([await visitsUnder("a"), await visitsUnder("b")]).to.deep.equal([1, 2]);
  });

  it("knows nothing of a key that was never created", async () => {
    expect(await store.load("a")).to.equal(undefined);
    expect(await store.delete("a")).to.equal(false);
  });

  it("keeps what is saved", async () => {
    await store.create("a", recordOf(1));
    expect(await store.save("a", recordOf(2))).to.equal(true);
    expect(await visitsUnder("a")).to.equal(2);
  });

  if (traits.copies) {
    it("does not keep what is not saved", async () => {
      await store.create("a", recordOf(1));
      (await store.load("a"))?.values.set(visits.name, 2);
      expect(await visitsUnder("a")).to.equal(1);
    });
  }

  it("brings nothing back that was deleted", async () => {
    await store.create("a", recordOf(1));
    expect(await store.delete("a")).to.equal(true);
    expect(await store.save("a", recordOf(2))).to.equal(false);
    expect(await store.load("a")).to.equal(undefined);
  });

  it("hands a session on to another key, and forgets the old one", async () => {
    await store.create("a", recordOf(1));
    expect(await store.save("a", recordOf(2), "b")).to.equal(true);
    expect([await visitsUnder("a"), await visitsUnder("b")]).to.deep.equal([undefined, 2]);
    expect(await store.save("a", recordOf(3), "c")).to.equal(false);
    expect(await visitsUnder("c")).to.equal(undefined);
  });

  it("forgets what nobody asked for in the idle time, and not before", async () => {
    await store.create("a", recordOf(1));
    clock.advance(IDLE_MS - 1);
    expect(await visitsUnder("a")).to.equal(1);
    clock.advance(IDLE_MS);
    expect(await visitsUnder("a")).to.equal(undefined);
    expect(await store.save("a", recordOf(2))).to.equal(false);
  });

  it("begins the idle time anew when something is saved", async () => {
    await store.create("a", recordOf(1));
    clock.advance(IDLE_MS - 1);
    await store.save("a", recordOf(2));
    clock.advance(IDLE_MS - 1);
    expect(await visitsUnder("a")).to.equal(2);
  });

  it("forgets what is in use when its absolute time is over, also under another key", async () => {
    await store.create("a", recordOf(1));
    const step = IDLE_MS / 2;
    for (let now = step; now < ABSOLUTE_MS; now += step) {
      clock.advance(step);
      expect(await visitsUnder(now === step ? "a" : "b")).to.equal(1);
      if (now === step) await store.save("a", recordOf(1), "b");
    }
    clock.advance(step);
    expect(await visitsUnder("b")).to.equal(undefined);
  });

  it("lets the one go that was idle for longest when there are too many", async () => {
    for (const key of ["a", "b", "c"]) {
      await store.create(key, recordOf(1));
      clock.advance(1);
    }
    await store.load("a");
    await store.create("d", recordOf(1));
    const kept: string[] = [];
    for (const key of ["a", "b", "c", "d"])
      if ((await store.load(key)) !== undefined) kept.push(key);
    expect(kept).to.deep.equal(["a", "c", "d"]);
  });

  if (traits.listens) {
    it("tells of each session that is over by time, or for lack of room, once", async () => {
      const records = [1, 2, 3, 4].map(recordOf);
      for (const [index, record] of records.entries()) await store.create(String(index), record);
      expect(expired).to.deep.equal(records.slice(0, 1));
      clock.advance(IDLE_MS + 60_000);
      expect(expired).to.deep.equal(records);
      await store.load("1");
      expect(expired).to.have.length(4);
    });

    it("does not tell of one that was deleted", async () => {
      await store.create("a", recordOf(1));
      await store.delete("a");
      clock.advance(ABSOLUTE_MS);
      expect(expired).to.deep.equal([]);
    });
  }
}
