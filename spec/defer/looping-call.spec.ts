import { expect } from "chai";
import * as fc from "fast-check";
import { spy } from "sinon";
import { systemClock } from "../../lib/defer/clock.ts";
import { Deferred } from "../../lib/defer/deferred.ts";
import { CancelledError } from "../../lib/defer/errors.ts";
import { LoopingCall } from "../../lib/defer/looping-call.ts";
import { setReporter } from "../../lib/defer/report.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { collectGarbage } from "../support/garbage.ts";
import { outcomeOf } from "../support/outcome.ts";

/** A clock, and a loop that notes its times. */
function loopOn(
  clock: FakeClock,
  act: () => unknown = () => undefined,
): { loop: LoopingCall; times: number[] } {
  const times: number[] = [];
  const loop = new LoopingCall(
    () => {
      times.push(clock.now());
      return act();
    },
    { clock },
  );
  return { loop, times };
}

/** Cancels a loop while a call is in progress, which then ends as it is told. */
function cancelThen(end: (deferred: Deferred<void>) => void): void {
  const deferred = new Deferred<void>();
  const { loop, times } = loopOn(new FakeClock(), () => deferred);
  const done = loop.start(10);
  done.addErrback(() => undefined);
  done.cancel();
  end(deferred);
  expect([times.length, loop.running]).to.deep.equal([1, false]);
}

describe("defer/looping-call", () => {
  let clock: FakeClock;

  beforeEach(() => {
    clock = new FakeClock();
  });

  it("makes the first call at once, and then one each interval", () => {
    const { loop, times } = loopOn(clock);
    loop.start(10);
    expect(times).to.deep.equal([0]);
    clock.advance(35);
    expect(times).to.deep.equal([0, 10, 20, 30]);
    loop.stop();
  });

  it("makes the first call after one interval when asked not now", () => {
    const { loop, times } = loopOn(clock);
    loop.start(10, false);
    expect(times).to.deep.equal([]);
    clock.advance(25);
    expect(times).to.deep.equal([10, 20]);
    loop.stop();
  });

  it("says whether it runs, and its interval", () => {
    const { loop } = loopOn(clock);
    expect([loop.running, loop.intervalMs]).to.deep.equal([false, 0]);
    loop.start(10);
    expect([loop.running, loop.intervalMs]).to.deep.equal([true, 10]);
    loop.stop();
    expect(loop.running).to.equal(false);
  });

  it("fires with itself when it is stopped, and leaves nothing behind", () => {
    const { loop } = loopOn(clock);
    const outcome = outcomeOf(loop.start(10));
    clock.advance(15);
    expect(outcome.state).to.equal("pending");
    loop.stop();
    expect(outcome).to.deep.equal({ state: "result", value: loop });
    expect(clock.pending).to.deep.equal([]);
  });

  for (const last of [1, 3]) {
    it(`may be stopped by its own function, in call ${last}`, () => {
      const { loop, times } = loopOn(clock, () => {
        if (times.length === last) loop.stop();
      });
      const outcome = outcomeOf(loop.start(10));
      clock.advance(100);
      expect([outcome.value, times.length]).to.deep.equal([loop, last]);
      expect(clock.pending).to.deep.equal([]);
    });
  }

  it("may be started again", () => {
    const { loop, times } = loopOn(clock);
    loop.start(10);
    clock.advance(5);
    loop.stop();
    loop.start(10);
    clock.advance(10);
    expect(times).to.deep.equal([0, 5, 15]);
    loop.stop();
  });

  it("ends with what a call throws", () => {
    const error = new Error("third");
    const { loop, times } = loopOn(clock, () => {
      if (times.length === 3) throw error;
    });
    const outcome = outcomeOf(loop.start(10));
    clock.advance(100);
    expect(outcome).to.deep.equal({ state: "failure", value: error });
    expect(times).to.deep.equal([0, 10, 20]);
    expect([loop.running, clock.pending.length]).to.deep.equal([false, 0]);
  });

  describe("on a grid", () => {
    it("skips the beats that a slow call misses, and keeps to the grid", () => {
      const { loop, times } = loopOn(clock, () => {
        if (times.length === 2) clock.advance(25);
      });
      loop.start(10);
      clock.advance(60);
      expect(times).to.deep.equal([0, 10, 40, 50, 60]);
      loop.stop();
    });

    it("waits a whole interval when a call ends just on a beat", () => {
      const pending: Deferred<void>[] = [];
      const { loop, times } = loopOn(clock, () => {
        const deferred = new Deferred<void>();
        pending.push(deferred);
        return deferred;
      });
      loop.start(10);
      clock.advance(20);
      pending[0]?.callback();
      clock.advance(9);
      expect(times).to.deep.equal([0]);
      clock.advance(1);
      expect(times).to.deep.equal([0, 30]);
      loop.stop();
      pending[1]?.callback();
    });

    it("takes no beat twice and misses none, whatever times round to", () => {
      fc.assert(
        fc.property(
          fc.double({ min: 0, max: 1e9, noNaN: true }),
          fc.double({ min: 0.5, max: 1e5, noNaN: true }),
          (now, intervalMs) => {
            const odd = new FakeClock({ now });
            const beats: number[] = [];
            const loop = LoopingCall.withCount((count) => beats.push(count), { clock: odd });
            loop.start(intervalMs);
            for (let beat = 0; beat < 20; beat += 1) odd.runToNext();
            loop.stop();
            expect(beats).to.deep.equal(Array.from({ length: 21 }, () => 1));
            expect(odd.now()).to.be.closeTo(now + 20 * intervalMs, 0.001);
          },
        ),
      );
    });
  });

  describe("when the function returns something to wait for", () => {
    it("waits for a Deferred before the next call", () => {
      const deferreds: Deferred<void>[] = [];
      const { loop, times } = loopOn(clock, () => {
        const deferred = new Deferred<void>();
        deferreds.push(deferred);
        return deferred;
      });
      loop.start(10);
      clock.advance(24);
      expect(times).to.deep.equal([0]);
      deferreds[0]?.callback();
      clock.advance(6);
      expect(times).to.deep.equal([0, 30]);
      loop.stop();
      deferreds[1]?.callback();
    });

    it("waits for a promise", async () => {
      const { loop, times } = loopOn(clock, async () => {
        await new Promise<void>((resolve) => {
          clock.callLater(15, resolve);
        });
      });
      loop.start(10);
      await clock.advanceAsync(45);
      expect(times).to.deep.equal([0, 20, 40]);
      loop.stop();
      await clock.advanceAsync(20);
      expect(clock.pending).to.deep.equal([]);
    });

    it("ends with its failure", () => {
      const { loop } = loopOn(clock, () => Deferred.fail("no"));
      expect(outcomeOf(loop.start(10))).to.deep.equal({ state: "failure", value: "no" });
      expect(loop.running).to.equal(false);
    });

    it("fires after a stop only when that has come", () => {
      for (const [end, expected] of [
        [(d: Deferred<void>) => d.callback(), "result"],
        [(d: Deferred<void>) => d.errback("no"), "failure"],
      ] as const) {
        const deferred = new Deferred<void>();
        const { loop } = loopOn(clock, () => deferred);
        const outcome = outcomeOf(loop.start(10));
        loop.stop();
        expect([outcome.state, loop.running]).to.deep.equal(["pending", false]);
        end(deferred);
        expect(outcome.state).to.equal(expected);
        expect(clock.pending).to.deep.equal([]);
      }
    });
  });

  describe("an interval of 0", () => {
    it("calls again and again, with a turn for others in between", () => {
      const order: string[] = [];
      const loop = new LoopingCall(
        () => {
          order.push("loop");
          if (order.length > 4) loop.stop();
        },
        { clock },
      );
      loop.start(0);
      clock.callLater(0, () => order.push("other"));
      clock.advance(0);
      expect(order).to.deep.equal(["loop", "loop", "other", "loop", "loop"]);
      expect(clock.now()).to.equal(0);
    });
  });

  for (const intervalMs of [-1, NaN, Infinity]) {
    it(`refuses an interval of ${intervalMs}`, () => {
      const { loop, times } = loopOn(clock);
      expect(() => loop.start(intervalMs)).to.throw(RangeError, String(intervalMs));
      expect([loop.running, times.length]).to.deep.equal([false, 0]);
    });
  }

  it("cannot be started twice, nor stopped or reset when it does not run", () => {
    const { loop } = loopOn(clock);
    expect(() => loop.stop()).to.throw("cannot stop a LoopingCall that does not run");
    expect(() => loop.reset()).to.throw("cannot reset a LoopingCall that does not run");
    loop.start(10);
    expect(() => loop.start(10)).to.throw("runs already");
    loop.stop();
  });

  describe("reset", () => {
    it("begins the grid anew", () => {
      const { loop, times } = loopOn(clock);
      loop.start(10);
      clock.advance(7);
      loop.reset();
      clock.advance(20);
      expect(times).to.deep.equal([0, 17, 27]);
      loop.stop();
    });

    it("within a call counts from then", () => {
      const { loop, times } = loopOn(clock, () => {
        if (times.length === 2) {
          clock.advance(3);
          loop.reset();
        }
      });
      loop.start(10);
      clock.advance(30);
      expect(times).to.deep.equal([0, 10, 23]);
      expect(clock.pending).to.have.length(1);
      loop.stop();
    });
  });

  describe("withCount", () => {
    it("tells how many beats have passed", () => {
      const counts: number[] = [];
      const loop = LoopingCall.withCount(
        (count) => {
          counts.push(count);
          if (counts.length === 2) clock.advance(35);
        },
        { clock },
      );
      loop.start(10);
      clock.advance(70);
      expect(counts).to.deep.equal([1, 1, 4, 1, 1]);
      loop.stop();
    });

    it("tells 1 at the first call after an interval", () => {
      const counts: number[] = [];
      const loop = LoopingCall.withCount((count) => counts.push(count), { clock });
      loop.start(10, false);
      clock.advance(20);
      expect(counts).to.deep.equal([1, 1]);
      loop.stop();
    });

    it("tells 1 for an interval of 0", () => {
      const counts: number[] = [];
      const loop = LoopingCall.withCount(
        (count) => {
          counts.push(count);
          if (counts.length === 3) loop.stop();
        },
        { clock },
      );
      loop.start(0);
      clock.advance(5);
      expect(counts).to.deep.equal([1, 1, 1]);
    });
  });

  describe("when its Deferred is cancelled", () => {
    it("stops", () => {
      const { loop } = loopOn(clock);
      const done = loop.start(10);
      const outcome = outcomeOf(done);
      done.cancel();
      expect(outcome.value).to.be.instanceOf(CancelledError);
      expect([loop.running, clock.pending.length]).to.deep.equal([false, 0]);
    });

    it("makes no more calls after the one in progress, whose failure is reported", async () => {
      const reports: unknown[] = [];
      const previous = setReporter((error) => reports.push(error));
      cancelThen((deferred) => deferred.callback());
      cancelThen((deferred) => deferred.errback("no"));
      await new Promise(setImmediate);
      await collectGarbage();
      setReporter(previous);
      expect(reports).to.deep.equal(["no"]);
    });
  });

  it("goes by the system clock when there is no other", () => {
    const made = spy();
    const loop = new LoopingCall(made);
    loop.start(60_000);
    expect(systemClock.pending).to.have.length(1);
    loop.stop();
    expect([made.callCount, systemClock.pending.length]).to.deep.equal([1, 0]);
  });
});
