import { expect } from "chai";
import { spy } from "sinon";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { TestClient } from "../../lib/testing/test-client.ts";
import { logTo } from "../../lib/web/log.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";
import { type Session, SessionSlot } from "../../lib/web/session.ts";
import { MemorySessionStore, type SessionRecord } from "../../lib/web/session-store.ts";
import { Site, type SiteOptions } from "../../lib/web/site.ts";

const visits = new SessionSlot("visits", () => 0);
const user = new SessionSlot("user", () => "nobody");

type Act = (session: Session, request: Request) => unknown;

/** Does to the session what the test says next, and shows what it has. */
class Page extends Resource {
  override isLeaf = true;
  act: Act = () => undefined;

  override async render_GET(request: Request): Promise<string> {
    const session = await request.session();
    await this.act(session, request);
    return `${session.get(user)} ${session.get(visits)} ${session.isNew ? "new" : "known"}`;
  }

  override render_POST(request: Request): Promise<string> {
    return this.render_GET(request);
  }
}

const count: Act = (session) => session.set(visits, session.get(visits) + 1);
const NAME = "weftline_session";

describe("web/session", () => {
  let clock: FakeClock;
  let page: Page;
  let errors: string[];

  beforeEach(() => {
    clock = new FakeClock();
    page = new Page();
    errors = [];
  });

  const clientOf = (options: SiteOptions = {}): TestClient =>
    new TestClient(new Site(page, { clock, log: logTo((line) => errors.push(line)), ...options }));
  const get = async (client: TestClient, act: Act = () => undefined): Promise<string> => {
    page.act = act;
    return (await client.get("/")).text;
  };
  const cookieOf = async (client: TestClient, secure = false): Promise<string | null> => {
    page.act = count;
    return (await client.get("/", { secure })).headers.get("set-cookie");
  };

  it("begins to exist when something is set", async () => {
    const store = new MemorySessionStore();
    const client = clientOf({ session: { store } });
    page.act = (session) => {
      expect(session.get(visits)).to.equal(0);
      expect(session.has(visits)).to.equal(false);
    };
    const reply = await client.get("/");
    expect(reply.text).to.equal("nobody 0 new");
    expect(reply.headers.get("set-cookie")).to.equal(null);
    expect(store.size).to.equal(0);
    await get(client, (session) =>
      Promise.all([session.delete(visits), session.expire(), session.regenerate()]),
    );
    expect(client.cookies.empty).to.equal(true);
    expect(await get(client, count)).to.equal("nobody 1 known");
    expect(await get(client, count)).to.equal("nobody 2 known");
    expect(store.size).to.equal(1);
  });

  it("sends its cookie once, with 256 random bits, hidden from scripts and other sites", async () => {
    const client = clientOf();
    expect(await cookieOf(client)).to.match(
      /^weftline_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    expect(await cookieOf(client)).to.equal(null);
  });

  it("binds its cookie to the host over TLS", async () => {
    expect(await cookieOf(clientOf(), true)).to.match(
      /^__Host-weftline_session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
  });

  it("has the name and the SameSite of the options", async () => {
    const client = clientOf({ session: { cookieName: "s", sameSite: "strict" } });
    expect(await cookieOf(client)).to.match(/^s=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  });

  it("refuses options that would not work", () => {
    for (const session of [{ cookieName: "a b" }, { idleMs: -1 }, { absoluteMs: Number.NaN }]) {
      expect(() => clientOf({ session })).to.throw(TypeError);
    }
  });

  it("never adopts an id that it did not give out", async () => {
    const client = clientOf();
    for (const id of ["x", "A".repeat(43), "A".repeat(44), ""]) {
      client.cookies.set(NAME, id);
      expect(await get(client)).to.equal("nobody 0 new");
    }
    client.cookies.set(NAME, "A".repeat(43));
    await get(client, count);
    expect(client.cookies.get(NAME)).not.to.equal("A".repeat(43));
  });

  it("does not take a plain session for one over TLS", async () => {
    const client = clientOf();
    await get(client, count);
    page.act = () => undefined;
    expect((await client.get("/", { secure: true })).text).to.equal("nobody 0 new");
  });

  it("gets another id by regenerate, and the old one is worthless at once", async () => {
    const client = clientOf();
    await get(client, count);
    const before = client.cookies.get(NAME) ?? "";
    await get(client, async (session) => {
      await session.regenerate();
      await session.set(user, "ada");
    });
    const after = client.cookies.get(NAME);
    expect(after).not.to.equal(before);
    expect(await get(client)).to.equal("ada 1 known");
    client.cookies.set(NAME, before);
    expect(await get(client)).to.equal("nobody 0 new");
  });

  it("sends one cookie, the last, where several were set", async () => {
    page.act = async (session, request) => {
      request.addCookie("other", "1");
      await session.set(visits, 1);
      await session.regenerate();
    };
    const reply = await clientOf().get("/");
    expect(reply.headers.getSetCookie().map((cookie) => cookie.split("=")[0])).to.deep.equal([
      "other",
      NAME,
    ]);
  });

  it("sends its cookie with the page of an error too, once", async () => {
    const client = clientOf();
    page.act = async (session) => {
      await session.set(visits, 1);
      await session.regenerate();
      throw new Error("broken");
    };
    const reply = await client.get("/");
    expect(reply.status).to.equal(500);
    expect(reply.headers.getSetCookie()).to.have.length(1);
    expect(await get(client)).to.equal("nobody 1 known");
  });

  it("rejects what would need a cookie when the head is out, and keeps nothing", async () => {
    const store = new MemorySessionStore();
    const failure = spy();
    await get(clientOf({ session: { store } }), async (session, request) => {
      request.write("x");
      await session.set(visits, 1).catch(failure);
      expect(session.has(visits)).to.equal(false);
    });
    expect(failure.firstCall.args[0]).to.match(/the head of the response is out/);
    expect(store.size).to.equal(0);
  });

  it("is gone after expire, in this request, for the client, and in the store", async () => {
    const store = new MemorySessionStore();
    const client = clientOf({ session: { store } });
    await get(client, count);
    const id = client.cookies.get(NAME) ?? "";
    expect(await get(client, (session) => session.expire())).to.equal("nobody 0 new");
    expect([client.cookies.empty, store.size]).to.deep.equal([true, 0]);
    client.cookies.set(NAME, id);
    expect(await get(client)).to.equal("nobody 0 new");
  });

  it("begins anew with what is set after expire", async () => {
    const client = clientOf();
    await get(client, count);
    await get(client, async (session) => {
      await session.expire();
      await session.set(user, "ada");
    });
    expect(await get(client)).to.equal("ada 0 known");
  });

  for (const [how, end] of [
    ["ended", (session: Session) => session.expire()],
    ["gave a new id", (session: Session) => session.regenerate()],
  ] as const) {
    it(`is not brought back by a request that was running when another ${how}`, async () => {
      const client = clientOf();
      await get(client, count);
      const id = client.cookies.get(NAME) ?? "";
      let held: Session | undefined;
      await get(client, (session) => (held = session));
      await get(client, end);
      await held?.set(user, "ada");
      await held?.delete(visits);
      await held?.regenerate().catch(() => undefined);
      client.cookies.set(NAME, id);
      expect(await get(client)).to.equal("nobody 0 new");
    });
  }

  it("takes a value back", async () => {
    const client = clientOf();
    await get(client, count);
    expect(await get(client, (session) => session.delete(visits))).to.equal("nobody 0 known");
  });

  it("is one object for all who ask in a request", async () => {
    await get(clientOf(), async (session, request) => {
      expect(await request.session()).to.equal(session);
    });
  });

  it("lives 15 minutes from the last request on, and 24 hours in all", async () => {
    const client = clientOf();
    await get(client, count);
    for (let minutes = 14; minutes < 24 * 60; minutes += 14) {
      clock.advance(14 * 60_000);
      expect(await get(client)).to.equal("nobody 1 known");
    }
    clock.advance(14 * 60_000);
    expect(await get(client, count)).to.equal("nobody 1 known");
    clock.advance(15 * 60_000);
    expect(await get(client)).to.equal("nobody 0 new");
  });

  it("never ends by time where the options say 0", async () => {
    const client = clientOf({ session: { idleMs: 0, absoluteMs: 0, maxSessions: 0 } });
    await get(client, count);
    clock.advance(48 * 3_600_000);
    expect(await get(client)).to.equal("nobody 1 known");
  });

  it("tells all who want to know of its end, also when one of them throws", async () => {
    const [first, disposed, last] = [spy(), spy(), spy()];
    const client = clientOf();
    await get(client, async (session) => {
      session.notifyOnExpire(first);
      session.notifyOnExpire(() => {
        throw new Error("broken");
      });
      session.notifyOnExpire(disposed)[Symbol.dispose]();
      session.notifyOnExpire(last);
      await session.set(visits, 1);
    });
    clock.advance(16 * 60_000);
    expect([first.callCount, disposed.callCount, last.callCount]).to.deep.equal([1, 0, 1]);
    expect(errors.join()).to.match(/a listener of the end of a session failed/);
    expect(clock.pending).to.deep.equal([]);
  });

  it("tells of a logout, once, and of one whose id was changed", async () => {
    const listener = spy();
    const client = clientOf();
    await get(client, async (session) => {
      session.notifyOnExpire(listener);
      await session.set(visits, 1);
      await session.regenerate();
    });
    expect(listener.callCount).to.equal(0);
    await get(client, (session) => session.expire());
    clock.advance(1e8);
    expect(listener.callCount).to.equal(1);
  });

  it("is answered 500 when the store fails, and the request is not lost", async () => {
    class Broken extends MemorySessionStore {
      override load(): SessionRecord | undefined {
        throw new Error("the store is down");
      }
    }
    const client = clientOf({ session: { store: new Broken() } });
    client.cookies.set(NAME, "A".repeat(43));
    expect((await client.get("/")).status).to.equal(500);
    expect(errors.join()).to.match(/the store is down/);
  });

  it("waits for a store that answers later", async () => {
    const memory = new MemorySessionStore();
    const later = {
      open: memory.open.bind(memory),
      load: async (key: string) => Promise.resolve(memory.load(key)),
      create: async (key: string, record: SessionRecord) =>
        Promise.resolve(memory.create(key, record)),
      save: async (key: string, record: SessionRecord, to?: string) =>
        Promise.resolve(memory.save(key, record, to)),
      delete: async (key: string) => Promise.resolve(memory.delete(key)),
    };
    const client = clientOf({ session: { store: later } });
    await get(client, count);
    expect(await get(client, count)).to.equal("nobody 2 known");
    expect(await get(client, (session) => session.expire())).to.equal("nobody 0 new");
  });

  for (const [headers, expected] of [
    [{}, "200"],
    [{ "Sec-Fetch-Site": "same-origin" }, "200"],
    [{ "Sec-Fetch-Site": "cross-site" }, "403"],
  ] as const) {
    it(`is there for a POST with ${JSON.stringify(headers)}: ${expected}`, async () => {
      const { status } = await clientOf().post("/", { headers });
      expect(String(status)).to.equal(expected);
    });
  }

  it("is there for all pages where the site lets them", async () => {
    const headers = { "Sec-Fetch-Site": "cross-site" };
    expect((await clientOf({ crossOrigin: false }).post("/", { headers })).status).to.equal(200);
    expect((await clientOf().get("/", { headers })).status).to.equal(200);
  });
});
