import { expect } from "chai";
import { spy } from "sinon";
import { systemClock } from "../../lib/defer/clock.ts";
import { Deferred } from "../../lib/defer/deferred.ts";
import { CancelledError, TimeoutError } from "../../lib/defer/errors.ts";
import { withTimeout } from "../../lib/defer/with-timeout.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { outcomeOf } from "../support/outcome.ts";

function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "it was fulfilled",
    (reason: unknown) => reason,
  );
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

describe("defer/with-timeout", () => {
  it("resolves with the result, and stops the clock", async () => {
    const clock = new FakeClock();
    const promise = withTimeout(Promise.resolve(1), 50, { clock });
    expect(clock.pending.map(({ time }) => time)).to.deep.equal([50]);
    expect(await promise).to.equal(1);
    expect(clock.pending).to.deep.equal([]);
  });

  it("rejects with the failure, and stops the clock", async () => {
    const clock = new FakeClock();
    const error = new Error("no");
    expect(await caught(withTimeout(Promise.reject(error), 50, { clock }))).to.equal(error);
    expect(clock.pending).to.deep.equal([]);
  });

  it("rejects with TimeoutError after the time, not before", async () => {
    const clock = new FakeClock();
    const settled = spy();
    const reason = caught(withTimeout(never(), 50, { clock })).then((error) => {
      settled();
      return error;
    });
    await clock.advanceAsync(49);
    expect(settled.callCount).to.equal(0);
    clock.advance(1);
    expect(await reason)
      .to.be.instanceOf(TimeoutError)
      .with.property("timeoutMs", 50);
  });

  it("drops what a promise comes to after the time", async () => {
    const clock = new FakeClock();
    const late = new Promise((_resolve, reject) => {
      setImmediate(reject, new Error("late"));
    });
    const reason = caught(withTimeout(late, 50, { clock }));
    clock.advance(50);
    await late.catch(() => undefined);
    expect(await reason).to.be.instanceOf(TimeoutError);
  });

  it("cancels a Deferred after the time", async () => {
    const clock = new FakeClock();
    const deferred = new Deferred();
    const reason = caught(withTimeout(deferred, 50, { clock }));
    const outcome = outcomeOf(deferred);
    clock.advance(50);
    expect(outcome.value).to.be.instanceOf(CancelledError);
    expect(await reason).to.be.instanceOf(TimeoutError);
  });

  it("stops the clock as a Deferred fires, and leaves it its result or failure", async () => {
    const clock = new FakeClock();
    const good = new Deferred<number>();
    const bad = new Deferred<number>();
    const promises = [withTimeout(good, 50, { clock }), caught(withTimeout(bad, 50, { clock }))];
    good.callback(1);
    bad.errback("no");
    expect(clock.pending).to.deep.equal([]);
    expect([outcomeOf(good).value, outcomeOf(bad).value]).to.deep.equal([1, "no"]);
    expect(await Promise.all(promises)).to.deep.equal([1, "no"]);
  });

  it("rejects with the reason of a signal that aborts, cancels, and stops the clock", async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const deferred = new Deferred();
    const reason = caught(withTimeout(deferred, 50, { clock, signal: controller.signal }));
    controller.abort("left");
    expect(clock.pending).to.deep.equal([]);
    expect(deferred.called).to.equal(true);
    expect(await reason).to.equal("left");
  });

  it("rejects at once when the signal has aborted", async () => {
    const clock = new FakeClock();
    const signal = AbortSignal.abort("left");
    expect(await caught(withTimeout(never(), 50, { clock, signal }))).to.equal("left");
    expect(clock.pending).to.deep.equal([]);
  });

  for (const [name, settle] of [
    ["a promise that fulfils", (): PromiseLike<number> => Promise.resolve(1)],
    ["a Deferred that has fired", (): PromiseLike<number> => Deferred.succeed(1)],
  ] as const) {
    it(`stops listening to the signal after ${name}`, async () => {
      const { signal } = new AbortController();
      const added = spy(signal, "addEventListener");
      const removed = spy(signal, "removeEventListener");
      await withTimeout(settle(), 50, { clock: new FakeClock(), signal });
      expect(added.callCount).to.equal(1);
      expect(removed.lastCall.args).to.deep.equal(added.lastCall.args);
      expect(removed.lastCall.calledAfter(added.lastCall)).to.equal(true);
    });
  }

  it("goes by the system clock when there is no other", async () => {
    const promise = withTimeout(Promise.resolve(1), 60_000);
    expect(systemClock.pending).to.have.length(1);
    expect(await promise).to.equal(1);
    expect(systemClock.pending).to.have.length(0);
  });

  it("rejects with RangeError for a negative time", async () => {
    expect(await caught(withTimeout(never(), -1))).to.be.instanceOf(RangeError);
  });
});
