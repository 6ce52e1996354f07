import { expect } from "chai";
import { Deferred } from "../../lib/defer/deferred.ts";
import type { DeferredLock } from "../../lib/defer/deferred-lock.ts";
import type { DeferredSemaphore } from "../../lib/defer/deferred-semaphore.ts";
import { CancelledError } from "../../lib/defer/errors.ts";
import { outcomeOf } from "../support/outcome.ts";

/** What a lock and a semaphore with one token have in common. */
export function behavesLikeOneToken(make: () => DeferredLock | DeferredSemaphore): void {
  let one: DeferredLock | DeferredSemaphore;

  beforeEach(() => {
    one = make();
  });

  it("fires at once with itself when it is free", () => {
    expect(outcomeOf(one.acquire())).to.deep.equal({ state: "result", value: one });
  });

  it("is given to those who wait in the order in which they asked", () => {
    const order: string[] = [];
    one.acquire();
    for (const name of ["a", "b", "c"]) one.acquire().addCallback(() => order.push(name));
    expect([order.length, one.waiting]).to.deep.equal([0, 3]);
    for (const expected of [["a"], ["a", "b"], ["a", "b", "c"]]) {
      one.release();
      expect(order).to.deep.equal(expected);
    }
    expect(one.waiting).to.equal(0);
  });

  it("throws when what nobody holds is released", () => {
    expect(() => one.release()).to.throw("nothing is held");
    one.acquire();
    one.release();
    expect(() => one.release()).to.throw("nothing is held");
  });

  it("passes over one who has cancelled", () => {
    const order: string[] = [];
    one.acquire();
    const first = one.acquire();
    const outcome = outcomeOf(first);
    one.acquire().addCallback(() => order.push("second"));
    first.cancel();
    expect(outcome.value).to.be.instanceOf(CancelledError);
    expect(one.waiting).to.equal(1);
    one.release();
    expect(order).to.deep.equal(["second"]);
  });

  it("stays with one who cancels after it was given", () => {
    const held = one.acquire();
    held.cancel();
    const next = outcomeOf(one.acquire());
    expect(next.state).to.equal("pending");
    one.release();
    expect(next.state).to.equal("result");
  });

  it("runs a function with the arguments, and is free again after it", () => {
    const outcome = outcomeOf(one.run((a: number, b: number) => a + b, 1, 2));
    expect(outcome).to.deep.equal({ state: "result", value: 3 });
    expect(outcomeOf(one.acquire()).state).to.equal("result");
  });

  it("is free again when the function throws", () => {
    const outcome = outcomeOf(one.run(() => expect.fail("no")));
    expect(String(outcome.value)).to.equal("AssertionError: no");
    expect(outcomeOf(one.acquire()).state).to.equal("result");
  });

  it("is held until what the function returns has come, or failed", () => {
    for (const end of ["callback", "errback"] as const) {
      const deferred = new Deferred<string>();
      const outcome = outcomeOf(one.run(() => deferred));
      const next = outcomeOf(one.run(() => "next"));
      expect(next.state).to.equal("pending");
      deferred[end]("came");
      expect([outcome.value, next.value]).to.deep.equal(["came", "next"]);
    }
  });

  it("runs an async function", async () => {
    const order: string[] = [];
    const work = async (name: string): Promise<void> => {
      order.push(`${name} begins`);
      await new Promise(setImmediate);
      order.push(`${name} ends`);
    };
    await Promise.all([one.run(work, "a"), one.run(work, "b")]);
    expect(order).to.deep.equal(["a begins", "a ends", "b begins", "b ends"]);
  });

  it("does not run a function whose wait was cancelled", () => {
    one.acquire();
    const run = one.run(() => expect.fail());
    const outcome = outcomeOf(run);
    run.cancel();
    one.release();
    expect(outcome.value).to.be.instanceOf(CancelledError);
    expect(one.waiting).to.equal(0);
  });

  it("cancels the Deferred of a function that runs, and is free again", () => {
    const run = one.run(() => new Deferred());
    const outcome = outcomeOf(run);
    run.cancel();
    expect(outcome.value).to.be.instanceOf(CancelledError);
    expect(outcomeOf(one.acquire()).state).to.equal("result");
  });

  it("releases when disposed of", () => {
    one.acquire();
    one[Symbol.dispose]();
    expect(outcomeOf(one.acquire()).state).to.equal("result");
  });

  it("serves any number of those who wait, without overflowing the stack", () => {
    one.acquire();
    let runs = 0;
    for (let many = 0; many < 20_000; many += 1) one.run(() => (runs += 1));
    one.release();
    expect([runs, one.waiting]).to.deep.equal([20_000, 0]);
  });
}
