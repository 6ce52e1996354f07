import { expect } from "chai";
import { systemClock } from "../../lib/defer/clock.ts";
import { observeCreation } from "../../lib/defer/creation.ts";
import { deferLater } from "../../lib/defer/defer-later.ts";
import { Deferred } from "../../lib/defer/deferred.ts";
import { DeferredLock } from "../../lib/defer/deferred-lock.ts";
import { DeferredQueue } from "../../lib/defer/deferred-queue.ts";
import { DeferredSemaphore } from "../../lib/defer/deferred-semaphore.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { LeakError, leakCheck } from "../../lib/testing/leak-check.ts";
import { RecordedRequest } from "../../lib/testing/recorded-request.ts";
import { TestClient } from "../../lib/testing/test-client.ts";
import { NOT_DONE_YET } from "../../lib/web/body.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";
import { Site } from "../../lib/web/site.ts";

const stuck = new Promise<string>(() => undefined);

class Stuck extends Resource {
  override isLeaf = true;

  override render_GET(): Promise<string> {
    return stuck;
  }
}

class Held extends Resource {
  override isLeaf = true;

  override render_GET(): typeof NOT_DONE_YET {
    return NOT_DONE_YET;
  }
}

/** Waits on its own account. */
class Late extends Resource {
  override isLeaf = true;

  override render_GET(request: Request): typeof NOT_DONE_YET {
    request.clock.callLater(5_000, () => request.finish());
    return NOT_DONE_YET;
  }
}

function callSoon(clock: FakeClock): FakeClock {
  clock.callLater(1, () => undefined);
  return clock;
}

/** As mocha does. */
function again(reason: unknown, promise: Promise<unknown>): void {
  process.off("unhandledRejection", again);
  process.emit("unhandledRejection", reason, promise);
}

/** What the check says after `test`; a leak ends with `(here)` where it names this file and a line. */
async function leaksOf(test: () => unknown): Promise<readonly string[]> {
  const check = leakCheck();
  check.begin();
  await test();
  return check.end().then(
    () => [],
    (error: unknown) => {
      if (!(error instanceof LeakError)) throw error;
      return error.leaks.map((leak) =>
        leak.replace(/; started at \S*leak-check\.spec\.ts:\d+:\d+$/, " (here)"),
      );
    },
  );
}

const LEAKS: readonly (readonly [title: string, leave: () => unknown, leaks: readonly RegExp[]])[] =
  [
    [
      "a delayed call of the system clock",
      () => systemClock.callLater(60_000, () => undefined),
      [/^a delayed call, which is due at [\d.]+ ms \(here\)$/],
    ],
    [
      "a delayed call of a fake clock",
      () => new FakeClock().callLater(60_000, () => undefined),
      [/^a delayed call, which is due at 60000 ms \(here\)$/],
    ],
    [
      "a call that goes on for a client that has left",
      () => {
        new TestClient(new Late()).get("/").disconnect();
      },
      [/^a delayed call, which is due at 5000 ms \(here\)$/],
    ],
    [
      "a Deferred that somebody waits for",
      () => {
        void new Deferred<void>().addCallback(() => undefined);
      },
      [/^a Deferred, which was neither fired nor cancelled \(here\)$/],
    ],
    [
      "a held lock",
      () => new DeferredLock().acquire(),
      [/^a DeferredLock, which is held \(here\)$/],
    ],
    [
      "tokens of a semaphore",
      () => new DeferredSemaphore(3).acquire(),
      [/^a DeferredSemaphore, of which 1 are held \(here\)$/],
    ],
    [
      "a request without an answer, once and not also as a connection",
      () => {
        new TestClient(new Held()).get("/x?y");
      },
      [/^the request GET \/x\?y, which was not answered to its end \(here\)$/],
    ],
    [
      "a connection",
      () => {
        new TestClient(new Held()).connect();
      },
      [/^a connection, which is open \(here\)$/],
    ],
    [
      "a render method that does not end with its request",
      () => {
        new TestClient(new Stuck()).get("/").disconnect();
      },
      [/^a promise that a render method returned, which has not settled \(here\)$/],
    ],
    [
      "a listener",
      async () => {
        await new Site(new Held()).listen("tcp:0:interface=127.0.0.1");
      },
      [/^a listener, which is open at .*127\.0\.0\.1[^]* \(here\)$/],
    ],
    [
      "what a deferLater waits for, and not the Deferred itself",
      () => {
        deferLater(systemClock, 60_000);
      },
      [/^a delayed call, .* \(here\)$/],
    ],
  ];

const CLEAN: readonly (readonly [title: string, leave: () => unknown])[] = [
  ["nothing", () => undefined],
  ["a call that was cancelled", () => systemClock.callLater(60_000, () => undefined).cancel()],
  ["a call on a fake clock that was made", () => callSoon(new FakeClock()).advance(1)],
  ["a Deferred that was fired", () => Deferred.succeed(1)],
  [
    "one that waits in a queue, which is looked after by that",
    () => void new DeferredQueue().get(),
  ],
  [
    "a lock that was released",
    async () => {
      const lock = await new DeferredLock().acquire();
      lock.release();
    },
  ],
  ["a request that was answered", () => new TestClient(new Resource()).get("/").done],
  ["a request that nobody has sent", () => new RecordedRequest("/")],
  ["a request whose client left", () => new TestClient(new Held()).get("/").disconnect()],
  [
    "many things that are over",
    () => {
      for (let count = 0; count < 5_000; count += 1) Deferred.succeed(count);
    },
  ],
];

describe("testing/leak-check", () => {
  for (const [title, leave, leaks] of LEAKS) {
    it(`finds ${title}`, async () => {
      const found = await leaksOf(leave);
      expect(found).to.have.length(leaks.length);
      for (const [index, leak] of leaks.entries()) expect(found[index]).to.match(leak);
    });
  }

  for (const [title, leave] of CLEAN) {
    it(`finds nothing after ${title}`, async () => {
      expect(await leaksOf(leave)).to.deep.equal([]);
    });
  }

  it("finds a rejection that nobody handled, once, though mocha tells of it twice", async () => {
    // Those of mocha and of this suite, which would fail the run.
    const others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", again);
    const leaks = await leaksOf(() => {
      void Promise.reject(new Error("lost"));
    });
    process.removeAllListeners("unhandledRejection");
    for (const other of others) process.on("unhandledRejection", other);
    expect(leaks).to.have.length(1);
    expect(leaks[0]).to.match(/^an unhandled rejection: Error: lost\n[^]*leak-check\.spec\.ts/);
  });

  it("finds one that is left among many that are over", async () => {
    const leaks = await leaksOf(() => {
      void new Deferred();
      for (let count = 0; count < 5_000; count += 1) Deferred.succeed(count);
      void new Deferred();
    });
    expect(leaks).to.have.length(2);
  });

  it("ends what was left, so that the next test finds nothing", async () => {
    let call: { readonly active: boolean } = { active: true };
    const lock = new DeferredLock();
    const semaphore = new DeferredSemaphore(1);
    let deferred = Deferred.succeed<unknown>(1);
    const client = new TestClient(new Held());
    await leaksOf(() => {
      call = systemClock.callLater(60_000, () => undefined);
      client.get("/");
      client.connect();
      deferred = new Deferred();
    });
    expect([call.active, client.site.connections]).to.deep.equal([false, 0]);
    expect(await leaksOf(() => undefined)).to.deep.equal([]);
    expect([deferred.called, lock.locked, semaphore.tokens]).to.deep.equal([true, false, 1]);
  });

  it("says all of it in one error", async () => {
    const check = leakCheck();
    check.begin();
    void new Deferred();
    void new Deferred();
    const error = await check.end().then(
      () => expect.fail("there are leaks"),
      (reason: unknown) => reason as LeakError,
    );
    expect(error.message).to.match(/^left behind:\n {2}- a Deferred.*\n {2}- a Deferred.*$/);
    expect(error.stack).to.equal(`LeakError: ${error.message}`);
  });

  it("observes nothing when it is off", async () => {
    const before = observeCreation();
    observeCreation(before);
    await leaksOf(() => undefined);
    expect(observeCreation(before)).to.equal(before);
  });
});
