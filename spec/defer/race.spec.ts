import { expect } from "chai";
import * as fc from "fast-check";
import { spy } from "sinon";
import { Deferred } from "../../lib/defer/deferred.ts";
import { CancelledError } from "../../lib/defer/errors.ts";
import { FailureGroup, race } from "../../lib/defer/race.ts";
import { outcomeOf } from "../support/outcome.ts";

describe("defer/race", () => {
  it("fires with the index and result of the first, and cancels the others, for any list", () => {
    fc.assert(
      fc.property(fc.nat(8), fc.nat(8), fc.array(fc.nat(8)), (before, after, failing) => {
        const cancellers = Array.from({ length: before + 1 + after }, () => spy());
        const members = cancellers.map((canceller) => new Deferred<string>(canceller));
        const outcome = outcomeOf(race(members));
        const failed = new Set(
          failing.filter((index) => index !== before && index < members.length),
        );
        for (const index of failed) members[index]?.errback(index);
        expect(outcome.state).to.equal("pending");
        members[before]?.callback("won");
        expect(outcome).to.deep.equal({ state: "result", value: [before, "won"] });
        for (const [index, canceller] of cancellers.entries()) {
          expect(canceller.callCount).to.equal(index === before || failed.has(index) ? 0 : 1);
        }
      }),
    );
  });

  it("fails with all failures, in the order of the list, when none has a result", () => {
    const members = [new Deferred(), new Deferred()] as const;
    const outcome = outcomeOf(race(members));
    members[1].errback("b");
    members[0].errback("a");
    expect(outcome.value).to.be.instanceOf(FailureGroup);
    expect(outcome.value).to.have.property("message", "all of 2 have failed: a; b");
    expect((outcome.value as FailureGroup).errors).to.deep.equal(["a", "b"]);
  });

  it("never fires for an empty list", () => {
    expect(outcomeOf(race([])).state).to.equal("pending");
  });

  it("keeps the first, when a canceller gives a result as well", () => {
    const members = [new Deferred<string>(), new Deferred<string>((each) => each.callback("too"))];
    const outcome = outcomeOf(race(members));
    members[0]?.callback("won");
    expect(outcome.value).to.deep.equal([0, "won"]);
  });

  it("takes promises too", async () => {
    const never = new Promise<string>(() => undefined);
    expect(await race([never, Promise.resolve("won")])).to.deep.equal([1, "won"]);
  });

  it("cancels all when cancelled", () => {
    const members = [new Deferred(), new Deferred()];
    const first = race(members);
    const outcome = outcomeOf(first);
    first.cancel();
    expect(members.map(({ called }) => called)).to.deep.equal([true, true]);
    expect(outcome.value).to.be.instanceOf(FailureGroup);
    for (const reason of (outcome.value as FailureGroup).errors) {
      expect(reason).to.be.instanceOf(CancelledError);
    }
  });

  it("fires when cancelled with the result that a canceller gives", () => {
    const first = race([new Deferred<string>((each) => each.callback("last words"))]);
    const outcome = outcomeOf(first);
    first.cancel();
    expect(outcome.value).to.deep.equal([0, "last words"]);
  });
});
