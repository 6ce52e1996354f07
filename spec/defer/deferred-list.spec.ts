import { expect } from "chai";
import { Deferred } from "../../lib/defer/deferred.ts";
import { DeferredList, FirstError, gatherResults } from "../../lib/defer/deferred-list.ts";
import { CancelledError } from "../../lib/defer/errors.ts";
import { outcomeOf } from "../support/outcome.ts";

function three(): [Deferred<string>, Deferred<string>, Deferred<string>] {
  return [new Deferred(), new Deferred(), new Deferred()];
}

describe("defer/deferred-list", () => {
  describe("DeferredList", () => {
    it("fires when all have fired, with results and failures in the order of the list", () => {
      const [a, b, c] = three();
      const outcome = outcomeOf(DeferredList([a, b, c], { consumeErrors: true }));
      c.callback("c");
      b.errback("b");
      expect(outcome.state).to.equal("pending");
      a.callback("a");
      expect(outcome.value).to.deep.equal([
        [true, "a"],
        [false, "b"],
        [true, "c"],
      ]);
    });

    it("may be called with new as well", () => {
      const make = DeferredList as unknown as new (list: unknown[]) => Deferred<unknown>;
      expect(new make([])).to.be.instanceOf(Deferred);
    });

    it("takes promises too", async () => {
      const list = DeferredList([Promise.resolve(1), Promise.reject(new Error("no"))], {
        consumeErrors: true,
      });
      const [first, second] = await list;
      expect(first).to.deep.equal([true, 1]);
      expect(second[0]).to.equal(false);
    });

    it("fires at once for an empty list", () => {
      for (const options of [undefined, { fireOnOneErrback: true }, { consumeErrors: true }]) {
        expect(outcomeOf(DeferredList([], options)).value).to.deep.equal([]);
      }
    });

    it("never fires for an empty list with fireOnOneCallback", () => {
      expect(outcomeOf(DeferredList([], { fireOnOneCallback: true })).state).to.equal("pending");
    });

    it("lets results go on through the callbacks of each, and failures", () => {
      const [a, b] = three();
      const list = DeferredList([a, b]);
      const after = [outcomeOf(a), outcomeOf(b)];
      a.callback("a");
      b.errback("b");
      expect(after).to.deep.equal([
        { state: "result", value: "a" },
        { state: "failure", value: "b" },
      ]);
      expect(outcomeOf(list).state).to.equal("result");
    });

    it("takes the failures with consumeErrors", () => {
      const [a] = three();
      DeferredList([a], { consumeErrors: true });
      a.errback("a");
      expect(outcomeOf(a)).to.deep.equal({ state: "result", value: undefined });
    });

    describe("with fireOnOneCallback", () => {
      it("fires with the first result and its index", () => {
        const [a, b, c] = three();
        const outcome = outcomeOf(
          DeferredList([a, b, c], { fireOnOneCallback: true, consumeErrors: true }),
        );
        a.errback("a");
        expect(outcome.state).to.equal("pending");
        c.callback("c");
        expect(outcome.value).to.deep.equal(["c", 2]);
        b.callback("b");
        expect(outcome.value).to.deep.equal(["c", 2]);
      });

      it("fires with all failures when none has a result", () => {
        const [a, b] = three();
        const outcome = outcomeOf(
          DeferredList([a, b], { fireOnOneCallback: true, consumeErrors: true }),
        );
        b.errback("b");
        a.errback("a");
        expect(outcome.value).to.deep.equal([
          [false, "a"],
          [false, "b"],
        ]);
      });
    });

    describe("with fireOnOneErrback", () => {
      it("fails with the first failure and its index", () => {
        const [a, b, c] = three();
        const outcome = outcomeOf(
          DeferredList([a, b, c], { fireOnOneErrback: true, consumeErrors: true }),
        );
        a.callback("a");
        c.errback("why");
        expect(outcome.value).to.be.instanceOf(FirstError);
        expect(outcome.value).to.include({ index: 2, cause: "why", name: "FirstError" });
        expect(outcome.value).to.have.property(
          "message",
          "the Deferred at index 2 has failed: why",
        );
        b.errback("too late");
      });
    });

    it("cancels all that have not fired when cancelled", () => {
      const [a, b, c] = three();
      const list = DeferredList([a, b, c], { consumeErrors: true });
      const outcome = outcomeOf(list);
      b.callback("b");
      list.cancel();
      const [first, second, third] = outcome.value as [unknown[], unknown[], unknown[]];
      expect([first[0], second, third[0]]).to.deep.equal([false, [true, "b"], false]);
      expect(first[1]).to.be.instanceOf(CancelledError);
      expect(third[1]).to.be.instanceOf(CancelledError);
    });
  });

  describe("gatherResults", () => {
    it("fires with the results in the order of the list", () => {
      const [a, b] = three();
      const outcome = outcomeOf(gatherResults([a, b]));
      b.callback("b");
      a.callback("a");
      expect(outcome.value).to.deep.equal(["a", "b"]);
    });

    it("keeps the type of each", async () => {
      const [text, number] = await gatherResults([Deferred.succeed("a"), Promise.resolve(1)]);
      expect(text.length + number).to.equal(2);
    });

    it("fires at once for an empty list", () => {
      expect(outcomeOf(gatherResults([])).value).to.deep.equal([]);
    });

    it("fails with the first failure, which also stays where it arose", () => {
      const [a, b] = three();
      const outcome = outcomeOf(gatherResults([a, b]));
      b.errback("why");
      expect(outcome.value).to.include({ index: 1, cause: "why" });
      expect(outcomeOf(b)).to.deep.equal({ state: "failure", value: "why" });
      a.callback("a");
    });

    it("takes the failures, later ones too, with consumeErrors", () => {
      const [a, b] = three();
      const outcome = outcomeOf(gatherResults([a, b], { consumeErrors: true }));
      b.errback("b");
      a.errback("a");
      expect(outcome.value).to.include({ index: 1 });
      expect([a, b].map((each) => outcomeOf(each).state)).to.deep.equal(["result", "result"]);
    });

    it("cancels all when cancelled", () => {
      const [a, b] = three();
      const gathered = gatherResults([a, b], { consumeErrors: true });
      const outcome = outcomeOf(gathered);
      gathered.cancel();
      expect(outcome.value).to.be.instanceOf(FirstError);
      expect(outcome.value).to.have.property("cause").that.is.instanceOf(CancelledError);
      expect([a.called, b.called]).to.deep.equal([true, true]);
    });
  });
});
