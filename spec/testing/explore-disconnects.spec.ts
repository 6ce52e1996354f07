import { EventEmitter } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { Clock } from "../../lib/defer/clock.ts";
import { deferLater } from "../../lib/defer/defer-later.ts";
import { Deferred } from "../../lib/defer/deferred.ts";
import { DeferredLock } from "../../lib/defer/deferred-lock.ts";
import type { ExplorationReport } from "../../lib/testing/exploration-report.ts";
import {
  type ExploreDisconnectsOptions,
  exploreDisconnects,
} from "../../lib/testing/explore-disconnects.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import type { TestClient } from "../../lib/testing/test-client.ts";
import type { TestReply } from "../../lib/testing/test-reply.ts";
import { NOT_DONE_YET, type Rendered } from "../../lib/web/body.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";
import { Site } from "../../lib/web/site.ts";

/** A leaf that renders every method with a function. */
class Leaf extends Resource {
  override isLeaf = true;
  readonly #render: (request: Request) => Rendered;

  constructor(render: (request: Request) => Rendered) {
    super();
    this.#render = render;
  }

  override render(request: Request): Rendered {
    return this.#render(request);
  }
}

const get = (client: TestClient): TestReply => client.get("/");
const put = (client: TestClient): TestReply => client.put("/", { body: "some data" });

interface Planted {
  readonly fault: string;
  readonly faulty: (request: Request) => Rendered;
  readonly repaired: (request: Request) => Rendered;
  readonly finding: RegExp;
  readonly drive?: (client: TestClient) => unknown;
  readonly invariant?: () => void;
}

// What the planted programs share, as programs do.
const store = { name: "", mail: "" };
const news = new EventEmitter();
let folder = "";
let uploads = 0;

/** One upstream call, which takes two seconds. */
function upstream(clock: Clock, signal?: AbortSignal): Deferred<string> {
  const call = deferLater(clock, 2_000, () => "upstream");
  return signal === undefined ? call : Deferred.from(call, { signal });
}

async function saveHalf(request: Request): Promise<string> {
  const name = await request.text();
  store.name = name;
  await deferLater(request.clock, 1_000);
  if (!request.signal.aborted) store.mail = `${name}@example.org`;
  return "saved";
}

async function saveWhole(request: Request): Promise<string> {
  const name = await request.text();
  await Deferred.from(deferLater(request.clock, 1_000), { signal: request.signal });
  Object.assign(store, { name, mail: `${name}@example.org` });
  return "saved";
}

async function holdLock(lock: DeferredLock, request: Request): Promise<string> {
  await lock.acquire();
  await Deferred.from(deferLater(request.clock, 1_000), { signal: request.signal });
  lock.release();
  return "done";
}

async function holdLockSafely(lock: DeferredLock, request: Request): Promise<string> {
  const held = await lock.acquire();
  try {
    await Deferred.from(deferLater(request.clock, 1_000), { signal: request.signal });
    return "done";
  } finally {
    held.release();
  }
}

async function waitForEver(request: Request): Promise<string> {
  try {
    await request.notifyFinish();
  } finally {
    await new Promise(() => undefined);
  }
  return "";
}

async function* heartbeat(request: Request, signal?: AbortSignal): AsyncGenerator<string> {
  for (let beat = 0; beat < 3; beat += 1) {
    yield `beat ${beat}\n`;
    const wait = deferLater(request.clock, 10_000);
    await (signal === undefined
      ? wait
      : Deferred.from(wait, { signal }).addErrback(() => undefined));
  }
}

async function saveUpload(request: Request): Promise<string> {
  const path = join(folder, String((uploads += 1)));
  await writeFile(path, "");
  await writeFile(path, await request.bytes());
  await unlink(path);
  return "done";
}

async function saveUploadSafely(request: Request): Promise<string> {
  const path = join(folder, String((uploads += 1)));
  try {
    await writeFile(path, "");
    await writeFile(path, await request.bytes());
    return "done";
  } finally {
    await unlink(path);
  }
}

const lockOfFaulty = new WeakMap<object, DeferredLock>();

/** The lock of the site that the request belongs to. */
function lockOf(request: Request): DeferredLock {
  const lock = lockOfFaulty.get(request.site) ?? new DeferredLock();
  lockOfFaulty.set(request.site, lock);
  return lock;
}

const PLANTED: readonly Planted[] = [
  {
    fault: "a delayed call that is not cancelled",
    faulty: (request) => {
      request.clock.callLater(2_000, () => {
        request.write("done");
        request.finish();
      });
      return NOT_DONE_YET;
    },
    repaired: (request) => {
      const call = request.clock.callLater(2_000, () => {
        request.write("done");
        request.finish();
      });
      request.notifyFinish().catch(() => call.cancel());
      return NOT_DONE_YET;
    },
    finding: /^left behind: a delayed call, .* started at .*explore-disconnects\.spec\.ts:\d+/,
  },
  {
    fault: "a write after the disconnect that throws",
    faulty: (request) => {
      request.onDisconnect(() => {
        if (!request.write("bye")) throw new Error("cannot write");
      });
      request.callLater(1_000, () => request.finish());
      return NOT_DONE_YET;
    },
    repaired: (request) => {
      request.onDisconnect(() => undefined);
      request.callLater(1_000, () => request.finish());
      return NOT_DONE_YET;
    },
    finding: /^an error after the request was over: Error: cannot write/,
  },
  {
    fault: "a lock that is held",
    faulty: (request) => holdLock(lockOf(request), request),
    repaired: (request) => holdLockSafely(lockOf(request), request),
    finding: /^left behind: a DeferredLock, which is held/,
  },
  {
    fault: "a session that is saved half",
    faulty: saveHalf,
    repaired: saveWhole,
    drive: put,
    invariant: () => {
      const whole = (store.name === "") === (store.mail === "");
      Object.assign(store, { name: "", mail: "" });
      if (!whole) throw new Error("a name without an address");
    },
    finding: /^the invariant does not hold: Error: a name without an address/,
  },
  {
    fault: "an upstream call that is not aborted",
    faulty: (request) => upstream(request.clock).then((text) => text),
    repaired: (request) => upstream(request.clock, request.signal).then((text) => text),
    finding: /^left behind: a delayed call/,
  },
  {
    fault: "a finally that waits for ever",
    faulty: (request) => {
      request.callLater(1_000, () => request.finish());
      return waitForEver(request);
    },
    repaired: (request) => {
      request.callLater(1_000, () => request.finish());
      return NOT_DONE_YET;
    },
    finding: /^left behind: a promise that a render method returned, which has not settled/,
  },
  {
    fault: "a heartbeat of an endless stream that goes on",
    faulty: (request) => heartbeat(request),
    repaired: (request) => heartbeat(request, request.signal),
    finding: /^left behind: a delayed call/,
  },
  {
    fault: "a temporary file that is left",
    faulty: saveUpload,
    repaired: saveUploadSafely,
    drive: put,
    invariant: () => {
      const left = readdirSync(folder);
      for (const name of left) rmSync(join(folder, name));
      if (left.length > 0) throw new Error("a file is left");
    },
    finding: /^the invariant does not hold: Error: a file is left/,
  },
  {
    fault: "a Deferred that is neither fired nor cancelled",
    faulty: (request) => {
      const done = new Deferred<string>();
      request.callLater(1_000, () => done.callback("done"));
      return done.then((text) => text);
    },
    repaired: (request) => {
      const done = new Deferred<string>();
      request.callLater(1_000, () => done.callback("done"));
      request.onDisconnect(() => done.cancel());
      return done.then((text) => text);
    },
    finding:
      /^left behind: a Deferred, which was neither fired nor cancelled; started at .*explore/,
  },
  {
    fault: "a listener that keeps the request alive in memory",
    faulty: (request) => {
      const tell = (): unknown => request.write("news");
      news.on("news", tell);
      request.callLater(1_000, () => {
        news.off("news", tell);
        request.finish();
      });
      return NOT_DONE_YET;
    },
    repaired: (request) => {
      const tell = (): unknown => request.write("news");
      news.on("news", tell);
      request.callLater(1_000, () => request.finish());
      request.notifyFinish().then(
        () => news.off("news", tell),
        () => news.off("news", tell),
      );
      return NOT_DONE_YET;
    },
    finding: /^left behind: the request in memory, which something of the program keeps/,
  },
];

function planted(fault: string): Planted {
  const found = PLANTED.find((one) => one.fault.includes(fault));
  return found ?? expect.fail(`no planted fault ${fault}`);
}

function options(
  { drive = get, invariant }: Planted,
  render: (request: Request) => Rendered,
): ExploreDisconnectsOptions {
  return { site: () => new Leaf(render), drive, invariant };
}

/** The same sample of the same faults. */
function exploreHeld(): Promise<ExplorationReport> {
  const held = planted("held");
  return exploreDisconnects({ ...options(held, held.faulty), seed: 7, maxRuns: 9 });
}

async function problemsOf(
  render: (request: Request) => Rendered,
  drive: ExploreDisconnectsOptions["drive"] = get,
): Promise<readonly string[]> {
  const report = await exploreDisconnects({ site: () => new Leaf(render), drive, maxRuns: 12 });
  return report.findings.map(({ problem }) => problem);
}

const simple = (): Resource => new Leaf(() => "x");
const realTime = (): Site => new Site(simple());

describe("testing/explore-disconnects", function suite() {
  this.timeout(20_000);
  this.slow(2_000);

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "weftline-explore-"));
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  afterEach(() => {
    news.removeAllListeners();
  });

  for (const one of PLANTED) {
    it(`finds ${one.fault}`, async () => {
      const report = await exploreDisconnects(options(one, one.faulty));
      expect(report.findings.map(({ problem }) => problem)).to.satisfy(
        (problems: string[]) => problems.some((problem) => one.finding.test(problem)),
        JSON.stringify(report.findings, null, 1),
      );
      expect(() => report.assertClean()).to.throw("the exploration has found:\n1. ");
    });

    it(`finds nothing where ${one.fault} was repaired`, async () => {
      const report = await exploreDisconnects(options(one, one.repaired));
      report.assertClean();
      expect(report.findings).to.deep.equal([]);
    });
  }

  describe("a scenario", () => {
    it("has a step for each part of the request, each answer and each moment at which something is due", async () => {
      const stream = new Leaf((request) => heartbeat(request, request.signal));
      const { steps, runs } = await exploreDisconnects({ site: () => stream, drive: get });
      expect(steps).to.deep.equal([
        "the client has sent its first byte (byte 1 of 35)",
        "the client has sent the request line (byte 16 of 35)",
        "the client has sent the head but for its last byte (byte 34 of 35)",
        "the client has sent the head (byte 35 of 35)",
        "the server has sent 136 bytes",
        "the clock has reached 10000 ms",
        "the server has sent 12 bytes",
        "the clock has reached 20000 ms",
        "the server has sent 12 bytes",
        "the clock has reached 30000 ms",
        "the server has sent 5 bytes",
      ]);
      // Before and after each of 7 stimuli, after each of 4 answers, in 3 ways; and once to the end.
      expect(runs).to.equal((7 * 2 + 4) * 3 + 1);
    });

    it("is the same for the same seed, to the last word of the report", async () => {
      expect(await exploreHeld()).to.deep.equal(await exploreHeld());
    });

    it("is sampled where there are more ways to leave than runs", async () => {
      const { runs } = await exploreDisconnects({
        site: () => new Leaf(() => "x"),
        drive: get,
        maxRuns: 5,
      });
      expect(runs).to.equal(6);
    });

    it("can be played in one way only", async () => {
      const { faulty } = planted("not cancelled");
      const site = (): Resource => new Leaf(faulty);
      const bad = await exploreDisconnects({ site, drive: get, only: "after step 4 by reset" });
      expect([bad.runs, bad.findings.length]).to.deep.equal([2, 1]);
      expect(bad.findings[0]).to.include({
        when: "the client leaves by reset, just after step 4 (the client has sent the head (byte 35 of 35))",
        reproduction: 'exploreDisconnects({ site, drive, seed: 1, only: "after step 4 by reset" })',
        runs: 1,
      });
      const good = await exploreDisconnects({ site, drive: get, only: "before step 4 by stall" });
      expect(good.findings).to.deep.equal([]);
      const none = await exploreDisconnects({ site, drive: get, only: "after step 99 by close" });
      expect(none.findings).to.deep.equal([]);
    });

    it("refuses to play in a way that there is not", async () => {
      const failure = await exploreDisconnects({ site: simple, drive: get, only: "step 4" }).catch(
        String,
      );
      expect(failure).to.equal('TypeError: only: "step 4" is not like "after step 4 by reset"');
    });

    it("moves the clock itself, also where the scenario does not", async () => {
      const slow = new Leaf((request) => {
        request.callLater(60_000, () => {
          request.callLater(60_000, () => request.finish());
        });
        return NOT_DONE_YET;
      });
      const { steps, findings } = await exploreDisconnects({ site: () => slow, drive: get });
      expect(steps.slice(4, 6)).to.deep.equal([
        "the clock has reached 60000 ms",
        "the clock has reached 120000 ms",
      ]);
      expect(findings).to.deep.equal([]);
    });

    it("may move the clock, and is left at each moment on the way", async () => {
      const slow = new Leaf((request) => {
        for (const ms of [1_000, 2_000]) request.callLater(ms, () => request.write("x"));
        request.callLater(3_000, () => request.finish());
        return NOT_DONE_YET;
      });
      const steps = async (
        drive: ExploreDisconnectsOptions["drive"],
      ): Promise<readonly string[]> => {
        const report = await exploreDisconnects({ site: () => slow, drive });
        report.assertClean();
        return report.steps.filter((step) => step.startsWith("the clock"));
      };
      const moments = [1, 2, 3].map((s) => `the clock has reached ${s}000 ms`);
      const sync = await steps((client, clock) => {
        const reply = client.get("/");
        clock.advance(5_000);
        expect(reply.text).to.equal("xx");
      });
      const async = await steps(async (client, clock) => {
        const reply = client.get("/");
        await clock.advanceAsync(5_000);
        expect(reply.text).to.equal("xx");
      });
      expect([sync, async]).to.deep.equal([moments, moments]);
    });

    it("may consist of several requests, and leave by itself", async () => {
      const pages = new Resource();
      pages.putChild("a", new Leaf(() => "a"));
      pages.putChild("b", new Leaf(() => NOT_DONE_YET));
      const report = await exploreDisconnects({
        site: () => pages,
        client: { keepAlive: true },
        drive: async (client) => {
          await client.get("/a");
          client.get("/b").disconnect();
        },
      });
      report.assertClean();
      expect(report.steps).to.have.length(4 + 1 + 4);
    });

    it("may upload bit by bit, and be slow", async () => {
      const count = new Leaf(async (request) => String((await request.bytes()).length));
      const report = await exploreDisconnects({
        site: () => count,
        drive: (client) =>
          client.put("/", {
            body: ["some", "data"],
            expectContinue: true,
            reader: { bytesPerSecond: 50 },
          }),
      });
      report.assertClean();
      expect(report.steps.join("\n")).to.match(
        /the client has sent a byte of the body \(byte 1 of 23\)/,
      );
    });

    it("is given a site with a clock of its own, if need be", async () => {
      const slow = planted("not cancelled");
      for (const [render, count] of [
        [slow.faulty, 1],
        [slow.repaired, 0],
      ] as const) {
        // oxlint-disable-next-line no-await-in-loop -- explorations must not disturb each other
        const report = await exploreDisconnects({
          site: () => new Site(new Leaf(render), { clock: new FakeClock() }),
          drive: get,
        });
        expect(report.findings).to.have.length(count);
        expect(report.steps).to.include("the clock has reached 2000 ms");
      }
    });

    it("needs a clock that can be moved", async () => {
      const failure = await exploreDisconnects({ site: realTime, drive: get }).catch(String);
      expect(failure).to.contain("TypeError: the site runs on a clock that is not a FakeClock");
    });

    it("is ended when it goes on for ever", async () => {
      const endless = new Leaf((request) => {
        const beat = (): void => {
          request.write("x");
          request.callLater(1_000, beat);
        };
        beat();
        return NOT_DONE_YET;
      });
      const report = await exploreDisconnects({ site: () => endless, drive: get, maxRuns: 3 });
      expect(report.steps.length).to.be.within(300, 310);
      report.assertClean();
    });
  });

  describe("finds", () => {
    it("that a request is never answered", async () => {
      expect(await problemsOf(() => NOT_DONE_YET)).to.include(
        "nothing can happen any more, and the scenario is not over",
      );
    });

    it("that the scenario fails, when nobody leaves", async () => {
      const problems = await problemsOf(
        () => "x",
        async (client) => {
          if ((await client.get("/")).text === "x") throw new Error("x is wrong");
        },
      );
      expect(problems).to.have.length(1);
      expect(problems[0]).to.match(
        /^the scenario failed: Error: x is wrong \(at .*explore-disconnects/,
      );
    });

    it("an error that the site logs", async () => {
      const problems = await problemsOf(() => {
        throw new Error("broken");
      });
      expect(problems[0]).to.match(/^an error in a resource: Error: broken/);
    });

    it("a delayed call that throws", async () => {
      const problems = await problemsOf((request) => {
        request.clock.callLater(1_000, () => {
          // oxlint-disable-next-line typescript/only-throw-error -- programs do
          throw "a string";
        });
        request.callLater(2_000, () => request.finish());
        return NOT_DONE_YET;
      });
      expect(problems).to.include("a delayed call threw: 'a string'");
    });

    it("delayed calls that throw while the scenario moves the clock", async () => {
      const report = await exploreDisconnects({
        site: () =>
          new Leaf((request) => {
            for (const ms of [1, 2]) {
              request.clock.callLater(ms, () => {
                throw new Error(`after ${ms}`);
              });
            }
            return "x";
          }),
        drive: (client, clock) => {
          client.get("/");
          clock.advance(5);
        },
        only: "before step 1 by close",
      });
      expect(report.findings[0]?.problem).to.contain(
        "AggregateError: Error: after 1; Error: after 2",
      );
    });

    it("an unhandled rejection", async () => {
      const problems = await problemsOf(() => {
        void Promise.reject(new Error("floating"));
        return "x";
      });
      expect(problems[0]).to.match(/^an unhandled rejection: Error: floating/);
    });

    it("what is reported and not thrown", async () => {
      const problems = await problemsOf((request) => {
        const call = new Deferred<void>(() => {
          throw new Error("cannot cancel");
        }).addErrback(() => undefined);
        request.onDisconnect(() => call.cancel());
        request.callLater(1_000, () => {
          call.callback();
          request.finish();
        });
        return NOT_DONE_YET;
      });
      expect(problems).to.have.length(1);
      expect(problems[0]).to.match(/^a canceller: Error: cannot cancel/);
    });

    it("a program that does not do the same each time", async () => {
      let count = 0;
      const problems = await problemsOf((request) => {
        count += 1;
        request.callLater(count * 1_000, () => request.finish());
        return NOT_DONE_YET;
      });
      expect(problems.join("\n")).to.match(
        /does not do the same each time: step 5 is now "the clock has reached \d+000 ms", it was "the clock has reached 1000 ms"/,
      );
    });

    it("nothing in what a site does of its own accord", async () => {
      const report = await exploreDisconnects({
        site: (clock) => {
          const tick = (): void => {
            clock.callLater(700, tick);
          };
          clock.callLater(700, tick);
          void new Deferred();
          return new Leaf((request) => {
            request.callLater(1_000, () => request.finish());
            return NOT_DONE_YET;
          });
        },
        drive: get,
      });
      expect(report.findings).to.deep.equal([]);
    });
  });

  it("lets others learn of rejections again", async () => {
    const before = process.listeners("unhandledRejection");
    await exploreDisconnects({ site: () => new Leaf(() => "x"), drive: get, maxRuns: 1 });
    expect(process.listeners("unhandledRejection")).to.deep.equal(before);
  });
});
