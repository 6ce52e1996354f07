import { expect } from "chai";
import { spy } from "sinon";
import { deferLater } from "../../lib/defer/defer-later.ts";
import { Deferred } from "../../lib/defer/deferred.ts";
import { CancelledError } from "../../lib/defer/errors.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { outcomeOf } from "../support/outcome.ts";

describe("defer/defer-later", () => {
  it("calls the function with the arguments after the time, and fires with its result", () => {
    const clock = new FakeClock();
    const outcome = outcomeOf(deferLater(clock, 50, (a: number, b: number) => a + b, 1, 2));
    clock.advance(49);
    expect(outcome.state).to.equal("pending");
    clock.advance(1);
    expect(outcome).to.deep.equal({ state: "result", value: 3 });
  });

  it("fires with undefined where there is no function", () => {
    const clock = new FakeClock();
    const outcome = outcomeOf(deferLater(clock, 50));
    clock.advance(50);
    expect(outcome).to.deep.equal({ state: "result", value: undefined });
  });

  it("fails with what the function throws, and does not throw into the clock", () => {
    const clock = new FakeClock();
    const outcome = outcomeOf(
      deferLater(clock, 50, () => {
        throw new Error("no");
      }),
    );
    clock.advance(50);
    expect(String(outcome.value)).to.equal("Error: no");
  });

  it("waits for a Deferred that the function returns, and cancels it when cancelled", () => {
    const clock = new FakeClock();
    const canceller = spy();
    const deferred = deferLater(clock, 50, () => new Deferred(canceller));
    const outcome = outcomeOf(deferred);
    clock.advance(50);
    expect(outcome.state).to.equal("pending");
    deferred.cancel();
    expect(canceller.callCount).to.equal(1);
    expect(outcome.value).to.be.instanceOf(CancelledError);
  });

  it("takes the call back when cancelled", () => {
    const clock = new FakeClock();
    const called = spy();
    const deferred = deferLater(clock, 50, called);
    const outcome = outcomeOf(deferred);
    deferred.cancel();
    expect(outcome.value).to.be.instanceOf(CancelledError);
    expect(clock.pending).to.deep.equal([]);
    clock.advance(50);
    expect(called.callCount).to.equal(0);
  });
});
