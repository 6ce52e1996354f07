import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { type SinonFakeTimers, useFakeTimers } from "sinon";
import type { Clock } from "../../lib/defer/clock.ts";
import { LoopingCall } from "../../lib/defer/looping-call.ts";
import { Data } from "../../lib/resources/data.ts";
import { File } from "../../lib/resources/file.ts";
import { Guard } from "../../lib/resources/guard.ts";
import { digest } from "../../lib/resources/guard-schemes.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { TestClient } from "../../lib/testing/test-client.ts";
import { type AccessRecord, combinedLogFormat } from "../../lib/web/access-log.ts";
import { NOT_DONE_YET } from "../../lib/web/body.ts";
import { logTo } from "../../lib/web/log.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";
import { SessionSlot } from "../../lib/web/session.ts";
import { Site } from "../../lib/web/site.ts";
import { ScratchFolder } from "../support/scratch-folder.ts";

const BEGUN = Date.UTC(2026, 10, 20, 18, 29, 24);
const VISITS = new SessionSlot("visits", () => 0);

class Visits extends Resource {
  override async render_GET(request: Request): Promise<string> {
    const session = await request.session();
    await session.set(VISITS, session.get(VISITS) + 1);
    return `visit ${session.get(VISITS)}`;
  }
}

class Held extends Resource {
  override render_GET(request: Request): typeof NOT_DONE_YET {
    request.callLater(600_000, () => {
      request.write("done");
      request.finish();
    });
    return NOT_DONE_YET;
  }
}

class Length extends Resource {
  override async render_POST(request: Request): Promise<string> {
    return String((await request.bytes()).length);
  }
}

/** Fails in a callback of its own that nobody awaits. */
class Failing extends Resource {
  override render_GET(request: Request): typeof NOT_DONE_YET {
    void request.bytes().then(() => {
      throw new Error("a mistake");
    });
    return NOT_DONE_YET;
  }
}

/** Counts the beats of a loop. */
class Ticker extends Resource {
  beats = 0;
  readonly loop: LoopingCall;

  constructor(clock: Clock) {
    super();
    this.loop = new LoopingCall(() => (this.beats += 1), { clock });
  }

  override render_GET(): string {
    return `beat ${this.beats}`;
  }
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The answer of ada to a challenge, with her first use of its nonce or another. */
function answerTo(challenge: string, count = 1): { Authorization: string } {
  const nonce = /nonce="([^"]+)"/.exec(challenge)?.[1] ?? "";
  const opaque = /opaque="([^"]+)"/.exec(challenge)?.[1] ?? "";
  const nc = String(count).padStart(8, "0");
  const secret = `${hash("ada:area:lovelace")}:${nonce}:${nc}:xyz:auth:${hash("GET:/guarded")}`;
  return {
    Authorization: `Digest username="ada", realm="area", nonce="${nonce}", uri="/guarded", opaque="${opaque}", algorithm=SHA-256, qop=auth, nc=${nc}, cnonce="xyz", response="${hash(secret)}"`,
  };
}

const LIB = pathToFileURL(resolve("lib")).href;

/** Where the toolkit asks the process for a timer from now on. Others may ask meanwhile: Node's own, and what earlier specs left to end. */
function watchTimers(): readonly string[] {
  const places: string[] = [];
  for (const name of ["setTimeout", "setInterval", "setImmediate"] as const) {
    const fake = globalThis[name] as (...args: unknown[]) => unknown;
    const watched = (...args: unknown[]): unknown => {
      const { stack = "" } = new Error(name);
      // A real timer of an earlier spec that rings now may be set anew.
      if (stack.includes(LIB) && !stack.includes("listOnTimeout")) places.push(stack);
      return fake(...args);
    };
    Reflect.set(globalThis, name, watched);
  }
  return places;
}

describe("testing/frozen-time", () => {
  let frozen: SinonFakeTimers;
  let asked: readonly string[];
  let folder: ScratchFolder;
  let clock: FakeClock;
  let client: TestClient;
  let site: Site;
  let ticker: Ticker;
  let records: AccessRecord[];
  let lines: string[];

  beforeEach(() => {
    folder = new ScratchFolder();
    folder.write("note.txt", "a note");
    // Also queueMicrotask and setImmediate. What mocha prints needs nextTick.
    frozen = useFakeTimers({ now: 1, toNotFake: ["nextTick"] });
    asked = watchTimers();
    clock = new FakeClock();
    records = [];
    lines = [];
    ticker = new Ticker(clock);
    const root = new Resource()
      .putChild("files", new File(folder.path))
      .putChild("visits", new Visits())
      .putChild("held", new Held())
      .putChild("failing", new Failing())
      .putChild("length", new Length())
      .putChild("big", new Data("x".repeat(1_000_000), "text/plain"))
      .putChild("beats", ticker)
      .putChild(
        "guarded",
        new Guard(
          new Data("area", "text/plain"),
          digest({ ada: "lovelace" }, { realm: "area", algorithms: ["SHA-256"] }),
        ),
      );
    site = new Site(root, {
      clock,
      wallClock: () => BEGUN + clock.now(),
      accessLog: (record) => records.push(record),
      log: logTo((line) => lines.push(line)),
    });
    client = new TestClient(site);
  });

  afterEach(() => {
    const passed = [Date.now(), performance.now()];
    frozen.restore();
    folder.remove();
    expect(asked, "timers of the process that the toolkit asked for").to.deep.equal([]);
    expect(passed).to.deep.equal([1, 0]);
  });

  it("timers of the process come never, whatever passes on the clock of the site", async () => {
    const timer = setTimeout(() => expect.fail(), 0);
    await clock.advanceAsync(86_400_000);
    expect(Date.now()).to.equal(1);
    clearTimeout(timer);
  });

  it("files are served, with the dates of the site", async () => {
    const reply = await client.get("/files/note.txt");
    expect(reply.text).to.equal("a note");
    expect(reply.headers.get("date")).to.equal("Fri, 20 Nov 2026 18:29:24 GMT");
    await clock.advanceAsync(60_000);
    const again = await client.get("/files/note.txt");
    expect(again.headers.get("date")).to.equal("Fri, 20 Nov 2026 18:30:24 GMT");
    expect(records.map(combinedLogFormat)[1]).to.include("[20/Nov/2026:18:30:24 +0000]");
  });

  it("a connection is closed when its reply has come, or half of it has ended", async () => {
    client.get("/held");
    const reply = client.get("/held");
    await clock.advanceAsync(1_000);
    reply.halfClose();
    await clock.advanceAsync(0);
    expect(site.connections).to.equal(1);
    await clock.advanceAsync(599_000);
    expect(site.connections).to.equal(0);
  });

  it("a mistake of a resource is answered and logged", async () => {
    expect((await client.get("/failing")).status).to.equal(500);
    expect(lines).to.have.length(1);
  });

  it("a held request is answered, and its duration is known", async () => {
    const reply = client.get("/held");
    await clock.advanceAsync(599_999);
    expect(reply.done).to.equal(false);
    await clock.advanceAsync(1);
    expect(reply.text).to.equal("done");
    expect(records.map(({ durationMs }) => durationMs)).to.deep.equal([600_000]);
  });

  it("a session ends when its visitor stays away for 15 minutes, and after a day in any case", async () => {
    expect((await client.get("/visits")).text).to.equal("visit 1");
    await clock.advanceAsync(14 * 60_000);
    expect((await client.get("/visits")).text).to.equal("visit 2");
    await clock.advanceAsync(15 * 60_000 + 1);
    expect((await client.get("/visits")).text).to.equal("visit 1");
    for (let visit = 2; visit <= 144; visit += 1) {
      // oxlint-disable-next-line no-await-in-loop -- a visitor who comes again and again
      await clock.advanceAsync(10 * 60_000);
      // oxlint-disable-next-line no-await-in-loop -- likewise
      expect((await client.get("/visits")).text).to.equal(`visit ${visit}`);
    }
    await clock.advanceAsync(10 * 60_000);
    expect((await client.get("/visits")).text).to.equal("visit 1");
  });

  it("a loop beats", async () => {
    const stopped = ticker.loop.start(250);
    await clock.advanceAsync(10_000);
    expect(client.get("/beats").text).to.equal("beat 41");
    ticker.loop.stop();
    await stopped;
    expect(clock.pending).to.deep.equal([]);
  });

  it("a nonce grows old", () => {
    const challenge = client.get("/guarded").headers.get("www-authenticate") ?? "";
    expect(client.get("/guarded", { headers: answerTo(challenge) }).text).to.equal("area");
    clock.advance(16 * 60_000);
    const late = client.get("/guarded", { headers: answerTo(challenge, 2) });
    expect(late.status).to.equal(401);
    expect(late.headers.get("www-authenticate")).to.include("stale=true");
  });

  it("a head that does not come is given up", () => {
    const silent = client.connect();
    const slow = client.connect();
    slow.trickle("GET / HTTP/1.1\r\nHost: localhost\r\n", 1_000);
    clock.advance(9_900);
    expect([silent.closed, slow.closed]).to.deep.equal([false, false]);
    clock.advance(1_100);
    expect([silent.text, silent.closed]).to.deep.equal(["", true]);
    expect(slow.expectReply().status).to.equal(408);
  });

  it("a body that does not come is given up", () => {
    const reply = client.post("/length", { upload: true, headers: { "Content-Length": "10000" } });
    reply.write("x".repeat(9_000));
    clock.advance(19_900);
    expect(reply.status).to.equal(undefined);
    clock.advance(1_100);
    expect(reply.status).to.equal(408);
  });

  it("an idle connection is ended", () => {
    const connection = client.connect({ allowHalfOpen: true });
    expect(connection.request("GET", "/beats").status).to.equal(200);
    clock.advance(64_900);
    expect(connection.ended).to.equal(false);
    clock.advance(1_200);
    expect(connection.ended).to.equal(true);
    connection.close();
  });

  it("a client that takes nothing is reset", () => {
    const reply = client.get("/big", { paused: true });
    clock.advance(29_900);
    expect(site.connections).to.equal(1);
    clock.advance(1_200);
    expect(site.connections).to.equal(0);
    expect(records.map(({ outcome }) => outcome)).to.not.include("finished");
    reply.disconnect();
  });

  it("a request that nobody finishes is warned of", () => {
    const reply = client.get("/held");
    clock.advance(302_000);
    expect(lines).to.have.length(1);
    reply.disconnect();
  });

  it("a site that closes lets requests finish, and cuts them off at the end of the grace", async () => {
    const reply = client.get("/held");
    const closing = site.close({ graceMs: 5_000 });
    await clock.advanceAsync(4_999);
    expect(reply.failure).to.equal(undefined);
    await clock.advanceAsync(1);
    expect(await closing).to.deep.equal({ finished: 0, cut: 1 });
    expect(reply.failure).to.be.instanceOf(Error);
    expect([...clock.pending, ...clock.housekeeping]).to.deep.equal([]);
  });
});
