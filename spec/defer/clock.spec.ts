import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { spy, stub, useFakeTimers } from "sinon";
import { type Clock, keepHouse, systemClock } from "../../lib/defer/clock.ts";
import { observeCreation } from "../../lib/defer/creation.ts";
import { setReporter } from "../../lib/defer/report.ts";
import { behavesLikeClock, type ClockUnderTest } from "../contracts/clock.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The system clock with sinon's timers under it. */
function underSinon(options?: Parameters<typeof useFakeTimers>[0]): ClockUnderTest {
  const timers = useFakeTimers(options);
  const thrown: unknown[] = [];
  const previous = setReporter((error) => thrown.push(error));
  return {
    clock: systemClock,
    pass: (ms) => {
      timers.tick(ms);
    },
    thrown: () => thrown,
    end: () => {
      timers.restore();
      setReporter(previous);
    },
  };
}

function later(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.callLater(ms, resolve);
  });
}

/** Runs a program with the system clock in a process of its own, and gives what it wrote and how many ms it took. */
function programOf(body: string): {
  readonly out: string;
  readonly err: string;
  readonly status: number | null;
} {
  const clock = JSON.stringify(pathToFileURL("lib/defer/clock.ts").href);
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [
      "--import=./spec/support/strip-types.mjs",
      "--input-type=module",
      "--eval",
      `import { systemClock, keepHouse } from ${clock};\n${body}`,
    ],
    { encoding: "utf8", timeout: 8_000 },
  );
  return { out: stdout, err: stderr, status };
}

describe("defer/clock", () => {
  describe("with sinon's timers", () => {
    describe("under everything", () => behavesLikeClock(underSinon));

    it("does not make calls in the same tick without end", () => {
      const test = underSinon();
      let calls = 0;
      const again = (): void => {
        calls += 1;
        systemClock.callLater(0, again);
      };
      systemClock.callLater(0, again);
      test.pass(10);
      expect(calls).to.be.within(2, 11);
      for (const call of systemClock.pending) call.cancel();
      test.end?.();
    });

    it("believes a timer though performance stands still", () => {
      const test = underSinon({ toFake: ["setTimeout", "clearTimeout"] });
      const made = spy();
      const start = systemClock.now();
      systemClock.callLater(5_000, () => made(systemClock.now() - start));
      test.pass(4_990);
      expect(made.callCount).to.equal(0);
      test.pass(10);
      expect(made.callCount).to.equal(1);
      expect(made.args[0]?.[0]).to.be.within(5_000, 5_100);
      test.end?.();
    });

    for (const delayMs of [LONGEST_TIMER_MS, LONGEST_TIMER_MS + 1, 30 * DAY_MS, 90 * DAY_MS]) {
      it(`makes a call after ${delayMs} ms, not before`, () => {
        const test = underSinon();
        const made = spy();
        systemClock.callLater(delayMs, made);
        test.pass(delayMs - 1);
        expect(made.callCount).to.equal(0);
        test.pass(1);
        expect(made.callCount).to.equal(1);
        test.end?.();
      });
    }

    it("arms one timer for many calls, and none anew when calls are cancelled", () => {
      const timers = useFakeTimers();
      const arm = spy(globalThis, "setTimeout");
      const calls = Array.from({ length: 1_000 }, (_, index) =>
        systemClock.callLater(5_000 + index, () => undefined),
      );
      expect(timers.countTimers()).to.equal(1);
      for (const call of calls) call.cancel();
      systemClock.callLater(6_000, () => undefined).cancel();
      expect(arm.callCount).to.equal(1);
      arm.restore();
      timers.restore();
    });

    it("goes on in real time when they are restored", async () => {
      const waited = later(systemClock, 5);
      const before = systemClock.now();
      const test = underSinon();
      expect(systemClock.now()).to.be.within(before, before + 1);
      test.pass(1_000);
      expect(systemClock.now()).to.be.within(before + 1_000, before + 1_001);
      test.end?.();
      expect(systemClock.now()).to.be.within(before + 1_000, before + 1_100);
      await later(systemClock, 1);
      await waited;
    });

    it("makes calls that waited for real time before, in real time", async () => {
      const waited = later(systemClock, 5);
      const test = underSinon({ toFake: ["setTimeout", "clearTimeout", "performance"] });
      systemClock.callLater(60_000, () => undefined).cancel();
      test.end?.();
      await waited;
    });
  });

  describe("in real time", () => {
    it("makes each call once and in order though a timer of before sinon's rings as well", async () => {
      const order: string[] = [];
      systemClock.callLater(1, () => order.push("a"));
      const test = underSinon();
      systemClock.callLater(0, () => order.push("b"));
      test.end?.();
      systemClock.callLater(0, () => order.push("c"));
      const end = performance.now() + 4;
      while (performance.now() < end);
      await later(systemClock, 3);
      expect(order).to.deep.equal(["b", "c", "a"]);
    });

    it("makes a call no sooner than asked, by its own time", async () => {
      const start = systemClock.now();
      await later(systemClock, 12);
      expect(systemClock.now() - start).to.be.at.least(12);
    });

    it("is not early after the process was busy", async () => {
      const start = performance.now();
      while (performance.now() - start < 20);
      const from = performance.now();
      await later(systemClock, 10);
      expect(performance.now() - from).to.be.at.least(8.9);
    });

    it("gives promises their turn between two calls that are due", async () => {
      const order: string[] = [];
      for (const name of ["a", "b", "c"]) {
        systemClock.callLater(3, () => {
          order.push(name);
          void Promise.resolve()
            .then(() => undefined)
            .then(() => order.push(`after ${name}`));
        });
      }
      const end = performance.now() + 5;
      while (performance.now() < end);
      await later(systemClock, 5);
      expect(order).to.deep.equal(["a", "after a", "b", "after b", "c", "after c"]);
    });

    it("does not make a call that a promise takes back just before, though both are due", async () => {
      const made = spy();
      systemClock.callLater(3, () => void Promise.resolve().then(() => second.cancel()));
      const second = systemClock.callLater(3, made);
      const end = performance.now() + 5;
      while (performance.now() < end);
      await later(systemClock, 5);
      expect(made.callCount).to.equal(0);
    });

    it("makes a call that was asked for while others are made", async () => {
      const [resolved] = await Promise.all([
        new Promise((resolve) => {
          systemClock.callLater(1, () => systemClock.callLater(0, () => resolve("inner")));
        }),
        later(systemClock, 1),
      ]);
      expect(resolved).to.equal("inner");
    });

    it("is monotonic: a change of Date does not move it", () => {
      const timers = useFakeTimers({ now: 0, toFake: ["Date"] });
      const start = systemClock.now();
      timers.setSystemTime(DAY_MS);
      expect(systemClock.now() - start).to.be.within(0, 50);
      timers.setSystemTime(-DAY_MS);
      expect(systemClock.now() - start).to.be.within(0, 50);
      timers.restore();
    });
  });

  describe("in a process of its own", () => {
    it("keeps it up for a call, reports what one throws, and makes the rest", () => {
      const { out, err, status } = programOf(`
        process.on("uncaughtException", () => console.log("uncaught"));
        systemClock.callLater(5, () => { throw new Error("lost"); });
        systemClock.callLater(5, () => console.log("made"));`);
      expect({ out, status }).to.deep.equal({ out: "made\n", status: 0 });
      expect(err).to.match(/^weftline: error in a delayed call: Error: lost\n {4}at /);
    }).timeout(9_000);

    it("does not keep it up for housekeeping, nor for what was cancelled", () => {
      const { out, status } = programOf(`
        keepHouse(systemClock, 60_000, () => console.log("house"));
        keepHouse(systemClock, 1, () => console.log("swept"));
        const call = systemClock.callLater(60_000, () => console.log("cancelled"));
        systemClock.callLater(20, () => { call.cancel(); console.log("made"); });`);
      expect({ out, status }).to.deep.equal({ out: "swept\nmade\n", status: 0 });
    }).timeout(9_000);
  });

  it("tells the observer of calls, while there is one, but not of housekeeping", () => {
    const seen: object[] = [];
    const previous = observeCreation((made) => seen.push(made));
    const call = systemClock.callLater(1_000, () => undefined);
    keepHouse(systemClock, 1_000, () => undefined).cancel();
    observeCreation(previous);
    systemClock.callLater(1_000, () => undefined).cancel();
    call.cancel();
    expect(seen).to.deep.equal([call]);
  });

  it("keeps house on a clock that cannot tell by a call like any other", () => {
    const callLater = stub().returns("the call");
    const call = spy();
    const clock = { now: () => 0, callLater, pending: [] } as unknown as Clock;
    expect(keepHouse(clock, 5, call)).to.equal("the call");
    expect(callLater.args).to.deep.equal([[5, call]]);
  });
});
