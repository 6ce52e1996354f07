import { expect } from "chai";
import { Deferred } from "../../lib/defer/deferred.ts";
import { maybeDeferred } from "../../lib/defer/maybe-deferred.ts";
import { outcomeOf } from "../support/outcome.ts";

describe("defer/maybe-deferred", () => {
  it("fires at once with what a function returns, and hands on the arguments", () => {
    expect(outcomeOf(maybeDeferred((a: number, b: number) => a + b, 1, 2))).to.deep.equal({
      state: "result",
      value: 3,
    });
  });

  it("fails with what a function throws", () => {
    const error = new Error("no");
    const outcome = outcomeOf(
      maybeDeferred(() => {
        throw error;
      }),
    );
    expect(outcome).to.deep.equal({ state: "failure", value: error });
  });

  it("gives back a Deferred that a function returns", () => {
    const deferred = new Deferred<number>();
    expect(maybeDeferred(() => deferred)).to.equal(deferred);
  });

  it("waits for a promise that a function returns", async () => {
    expect(await maybeDeferred(() => Promise.resolve(1))).to.equal(1);
    expect(await maybeDeferred(async () => await Promise.resolve(2))).to.equal(2);
  });
});
