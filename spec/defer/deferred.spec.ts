import { expect } from "chai";
import * as fc from "fast-check";
import { spy } from "sinon";
import { observeCreation } from "../../lib/defer/creation.ts";
import { Deferred } from "../../lib/defer/deferred.ts";
import { AlreadyCalledError, CancelledError, TimeoutError } from "../../lib/defer/errors.ts";
import { setReporter } from "../../lib/defer/report.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { collectGarbage } from "../support/garbage.ts";
import { outcomeOf } from "../support/outcome.ts";

/** Every microtask that waits, and those that they ask for. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function nothing(): void {
  // Where a function is needed.
}

function same(value: unknown): unknown {
  return value;
}

function fails(error: unknown): () => never {
  return () => {
    throw error;
  };
}

/** Rejects in the end, and is looked after. */
function rejected(reason: unknown): Promise<never> {
  // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- any reason
  return Promise.reject(reason);
}

/** What is reported while `act` runs and all that it leaves is collected. */
async function reportsOf(act: () => void | Promise<void>): Promise<unknown[][]> {
  const seen: unknown[][] = [];
  const previous = setReporter((...what) => seen.push(what));
  try {
    await act();
    await turn();
    await collectGarbage();
  } finally {
    setReporter(previous);
  }
  return seen;
}

describe("defer/deferred", () => {
  describe("firing", () => {
    it("runs callbacks synchronously and in order, each with what the one before returned", () => {
      const deferred = new Deferred<number>();
      const seen: unknown[] = [];
      deferred
        .addCallback((n) => {
          seen.push(n);
          return `${n + 1}`;
        })
        .addCallback((text) => {
          seen.push(text);
        })
        .addCallback((empty) => seen.push(empty));
      expect(seen).to.deep.equal([]);
      deferred.callback(1);
      expect(seen).to.deep.equal([1, "2", undefined]);
    });

    it("runs a callback at once when it has fired", () => {
      const seen: unknown[] = [];
      Deferred.succeed(1).addCallback((n) => seen.push(n));
      Deferred.fail("no").addErrback((reason) => seen.push(reason));
      expect(seen).to.deep.equal([1, "no"]);
    });

    it("returns itself from each way to add a callback", () => {
      const deferred = new Deferred<number>();
      const clock = new FakeClock();
      for (const added of [
        deferred.addCallback(same),
        deferred.addErrback(same),
        deferred.addCallbacks(same, same),
        deferred.addBoth(same),
        deferred.addTimeout(1, clock),
      ]) {
        expect(added).to.equal(deferred);
      }
      deferred.callback(1);
    });

    it("says whether it has fired", () => {
      const deferred = new Deferred<number>();
      expect(deferred.called).to.equal(false);
      deferred.callback(1);
      expect(deferred.called).to.equal(true);
    });

    for (const [first, second] of [
      ["callback", "callback"],
      ["callback", "errback"],
      ["errback", "callback"],
      ["errback", "errback"],
    ] as const) {
      it(`${second} after ${first} throws`, () => {
        const deferred = new Deferred<number>();
        const seen = outcomeOf(deferred);
        deferred[first](1);
        expect(() => deferred[second](2)).to.throw(AlreadyCalledError, "has fired");
        expect(seen.value).to.equal(1);
      });
    }

    it("refuses a Deferred as a result", () => {
      const deferred = new Deferred<unknown>();
      expect(() => deferred.callback(new Deferred())).to.throw(TypeError);
      expect(deferred.called).to.equal(false);
    });

    it("makes a failure of what a callback throws, and a result of what an errback returns", () => {
      const error = new Error("thrown");
      const seen: unknown[] = [];
      Deferred.succeed(1)
        .addCallback(fails(error))
        .addCallback(() => seen.push("not called"))
        .addErrback((reason) => {
          seen.push(reason);
          return "mended";
        })
        .addErrback(() => seen.push("not called"))
        .addCallback((text) => seen.push(text));
      expect(seen).to.deep.equal([error, "mended"]);
    });

    it("calls one of two callbacks, and never both", () => {
      const seen: unknown[] = [];
      Deferred.succeed(1)
        .addCallbacks(fails("thrown"), () => seen.push("not called"))
        .addCallbacks(
          () => seen.push("not called"),
          (reason) => seen.push(reason),
        );
      expect(seen).to.deep.equal(["thrown"]);
    });

    it("gives either to addBoth", () => {
      const both = spy();
      Deferred.succeed(1).addBoth(both);
      Deferred.fail(2).addBoth(both);
      expect(both.args).to.deep.equal([[1], [2]]);
    });

    it("does not run a callback that is added within a callback before that has returned", () => {
      const order: string[] = [];
      const deferred = new Deferred<void>();
      deferred.addCallback(() => {
        deferred.addCallback(() => order.push("added"));
        order.push("first");
      });
      deferred.addCallback(() => order.push("second"));
      deferred.callback();
      expect(order).to.deep.equal(["first", "second", "added"]);
    });

    it("is like a list of functions, for any functions", () => {
      const Link = fc.record({
        takes: fc.constantFrom("result", "failure", "both"),
        gives: fc.constantFrom("result", "failure", "Deferred", "failed Deferred"),
      });
      fc.assert(
        fc.property(fc.array(Link), fc.boolean(), fc.nat(), (links, failsAtFirst, firedAfter) => {
          const expected: number[] = [];
          let failed = failsAtFirst;
          for (const [index, { takes, gives }] of links.entries()) {
            if (takes !== "both" && takes !== (failed ? "failure" : "result")) continue;
            expected.push(index);
            failed = gives.startsWith("fail");
          }
          const seen: number[] = [];
          const deferred = new Deferred<unknown>();
          const fire = (): void => {
            if (failsAtFirst) deferred.errback("start");
            else deferred.callback("start");
          };
          for (const [index, { takes, gives }] of links.entries()) {
            if (index === firedAfter) fire();
            const handler = (): unknown => {
              seen.push(index);
              if (gives === "failure") fails(index)();
              if (gives === "result") return index;
              return gives === "Deferred" ? Deferred.succeed(index) : Deferred.fail(index);
            };
            if (takes === "result") deferred.addCallback(handler);
            else if (takes === "failure") deferred.addErrback(handler);
            else deferred.addBoth(handler);
          }
          if (firedAfter >= links.length) fire();
          const outcome = outcomeOf(deferred);
          expect(seen).to.deep.equal(expected);
          expect(outcome).to.deep.equal({
            state: failed ? "failure" : "result",
            value: expected.at(-1) ?? "start",
          });
        }),
      );
    });
  });

  describe("waiting", () => {
    it("waits for a Deferred that a callback returns, and takes its result over", () => {
      const inner = new Deferred<string>();
      const seen: unknown[] = [];
      const outer = Deferred.succeed(1).addCallback(() => inner);
      outer.addCallback((result) => seen.push(result));
      expect(seen).to.deep.equal([]);
      inner.callback("late");
      expect(seen).to.deep.equal(["late"]);
      expect(outcomeOf(inner).value).to.equal(undefined);
    });

    it("takes the failure of a returned Deferred over", () => {
      const inner = new Deferred<string>();
      const outcome = outcomeOf(Deferred.succeed(1).addCallback(() => inner));
      inner.errback("no");
      expect(outcome).to.deep.equal({ state: "failure", value: "no" });
      expect(outcomeOf(inner)).to.deep.equal({ state: "result", value: undefined });
    });

    it("waits for what the callbacks of a returned Deferred wait for", () => {
      const innermost = new Deferred<string>();
      const inner = Deferred.succeed(1).addCallback(() => innermost);
      const outcome = outcomeOf(Deferred.succeed(1).addCallback(() => inner));
      expect(outcome.state).to.equal("pending");
      innermost.callback("deep");
      expect(outcome.value).to.equal("deep");
    });

    it("runs the callbacks of a returned Deferred that were added before, first", () => {
      const inner = new Deferred<string>();
      inner.addCallback((text) => `${text}!`);
      const outcome = outcomeOf(Deferred.succeed(1).addCallback(() => inner));
      const after = outcomeOf(inner);
      inner.callback("late");
      expect(outcome.value).to.equal("late!");
      expect(after).to.deep.equal({ state: "result", value: undefined });
    });

    it("goes on after a Deferred whose callback is just running", () => {
      const inner = new Deferred<string>();
      const outer = new Deferred<string>();
      const outcome = outcomeOf(outer.addCallback(() => inner));
      inner.addCallback((text) => {
        outer.callback("go");
        return text;
      });
      inner.callback("inner");
      expect(outcome.value).to.equal("inner");
    });

    for (const [name, settle, expected] of [
      ["a promise", () => Promise.resolve("late"), { state: "result", value: "late" }],
      ["a promise that rejects", () => rejected("no"), { state: "failure", value: "no" }],
      [
        "any object with then",
        () => ({ then: (done: (text: string) => void) => done("late") }) as PromiseLike<string>,
        { state: "result", value: "late" },
      ],
    ] as const) {
      it(`waits for ${name} that a callback returns`, async () => {
        const outcome = outcomeOf(Deferred.succeed(1).addCallback(settle));
        expect(outcome.state).to.equal("pending");
        await turn();
        expect(outcome).to.deep.equal(expected);
      });
    }

    it("fails when a callback returns the Deferred itself", () => {
      const deferred: Deferred<unknown> = new Deferred<unknown>();
      const outcome = outcomeOf(deferred.addCallback(() => deferred));
      deferred.callback(1);
      expect(outcome.value).to.be.instanceOf(TypeError);
    });

    it("does not take an object without then, or a function, for something to wait for", () => {
      for (const value of [null, undefined, 0, {}, { then: 1 }, fails("x")]) {
        expect(outcomeOf(Deferred.succeed(1).addCallback(() => value)).value).to.equal(value);
      }
    });
  });

  describe("long chains", () => {
    const MANY = 50_000;

    it("runs very many callbacks", () => {
      const deferred = new Deferred<number>();
      for (let index = 0; index < MANY; index += 1) deferred.addCallback((n) => n + 1);
      deferred.callback(0);
      expect(outcomeOf(deferred).value).to.equal(MANY);
    });

    it("fires very many that wait for each other, without overflowing the stack", () => {
      const first = new Deferred<number>();
      let last: Deferred<number> = first;
      for (let index = 0; index < MANY; index += 1) {
        const inner = last;
        last = Deferred.succeed(0).addCallback(() => inner);
        last.addCallback((n) => n + 1);
      }
      first.callback(0);
      expect(outcomeOf(last).value).to.equal(MANY);
    });

    it("cancels the last of very many that wait for each other", () => {
      const canceller = spy();
      let last: Deferred<number> = new Deferred<number>(canceller);
      for (let index = 0; index < MANY; index += 1) {
        const inner = last;
        last = Deferred.succeed(0).addCallback(() => inner);
      }
      last.cancel();
      expect(canceller.callCount).to.equal(1);
      expect(outcomeOf(last).value).to.be.instanceOf(CancelledError);
    });
  });

  describe("cancel", () => {
    it("calls the canceller with the Deferred, and fails with CancelledError when that does nothing", () => {
      const canceller = spy();
      const deferred = new Deferred<number>(canceller);
      const outcome = outcomeOf(deferred);
      deferred.cancel();
      expect(canceller.args).to.deep.equal([[deferred]]);
      expect(outcome.value).to.be.instanceOf(CancelledError);
      expect(() => deferred.callback(1)).to.throw(AlreadyCalledError);
    });

    for (const [fire, state] of [
      ["callback", "result"],
      ["errback", "failure"],
    ] as const) {
      it(`leaves it at what the canceller gave to ${fire}`, () => {
        const deferred = new Deferred<string>((given) => given[fire]("other"));
        const outcome = outcomeOf(deferred);
        deferred.cancel();
        expect(outcome).to.deep.equal({ state, value: "other" });
      });

      it(`drops one ${fire} afterwards where there is no canceller`, () => {
        const deferred = new Deferred<string>();
        const outcome = outcomeOf(deferred);
        deferred.cancel();
        deferred[fire]("late");
        expect(outcome.value).to.be.instanceOf(CancelledError);
        expect(() => deferred[fire]("later")).to.throw(AlreadyCalledError);
      });
    }

    it("reports what a canceller throws, and cancels all the same", async () => {
      const error = new Error("canceller");
      const reports = await reportsOf(() => {
        const deferred = new Deferred(fails(error));
        const outcome = outcomeOf(deferred);
        deferred.cancel();
        expect(outcome.value).to.be.instanceOf(CancelledError);
      });
      expect(reports).to.deep.equal([[error, "a canceller"]]);
    });

    it("does nothing when it has fired", () => {
      const canceller = spy();
      const deferred = new Deferred<number>(canceller);
      deferred.callback(1);
      deferred.cancel();
      deferred.cancel();
      expect(canceller.callCount).to.equal(0);
      expect(outcomeOf(deferred)).to.deep.equal({ state: "result", value: 1 });
    });

    it("does nothing within a callback of its own", () => {
      const deferred = new Deferred<number>();
      deferred.addCallback((n) => {
        deferred.cancel();
        return n;
      });
      deferred.callback(1);
      expect(outcomeOf(deferred)).to.deep.equal({ state: "result", value: 1 });
    });

    it("is forwarded to the Deferred that it waits for", () => {
      const canceller = spy();
      const inner = new Deferred<number>(canceller);
      const outer = Deferred.succeed(1).addCallback(() => inner);
      const outcome = outcomeOf(outer);
      outer.cancel();
      expect(canceller.args).to.deep.equal([[inner]]);
      expect(outcome.value).to.be.instanceOf(CancelledError);
    });

    it("ends the wait for a promise, whose result or failure is then dropped", async () => {
      for (const settle of [() => Promise.resolve(1), () => rejected("late")]) {
        const deferred = Deferred.succeed(1).addCallback<number>(settle);
        const outcome = outcomeOf(deferred);
        deferred.cancel();
        expect(outcome.value).to.be.instanceOf(CancelledError);
        await turn();
        expect(outcome.value).to.be.instanceOf(CancelledError);
      }
    });
  });

  describe("addTimeout", () => {
    it("fails with TimeoutError after the time, caused by the cancelling", () => {
      const clock = new FakeClock();
      const canceller = spy();
      const outcome = outcomeOf(new Deferred(canceller).addTimeout(50, clock));
      clock.advance(49);
      expect(outcome.state).to.equal("pending");
      clock.advance(1);
      expect(canceller.callCount).to.equal(1);
      expect(outcome.value).to.be.instanceOf(TimeoutError).with.property("timeoutMs", 50);
      expect(outcome.value).to.have.property("message", "not done in 50 ms");
      expect(outcome.value).to.have.property("cause").that.is.instanceOf(CancelledError);
    });

    for (const [name, fire, expected] of [
      ["result", (d) => d.callback(1), { state: "result", value: 1 }],
      ["failure", (d) => d.errback("no"), { state: "failure", value: "no" }],
    ] as [string, (d: Deferred<number>) => void, object][]) {
      it(`lets a ${name} by, and stops the clock`, () => {
        const clock = new FakeClock();
        const deferred = new Deferred<number>();
        const outcome = outcomeOf(deferred.addTimeout(50, clock));
        fire(deferred);
        expect(outcome).to.deep.equal(expected);
        expect(clock.pending).to.deep.equal([]);
      });

      it(`keeps a ${name} of the canceller's own`, () => {
        const clock = new FakeClock();
        const outcome = outcomeOf(new Deferred<number>(fire).addTimeout(50, clock));
        clock.advance(50);
        expect(outcome).to.deep.equal(expected);
      });
    }

    it("leaves a cancelling of another kind what it is", () => {
      const clock = new FakeClock();
      const deferred = new Deferred<number>();
      const outcome = outcomeOf(deferred.addTimeout(50, clock));
      deferred.cancel();
      expect(outcome.value).to.be.instanceOf(CancelledError);
      expect(clock.pending).to.deep.equal([]);
    });

    it("also bounds what the callbacks before it wait for", () => {
      const clock = new FakeClock();
      const deferred = Deferred.succeed(1).addCallback(() => new Deferred<number>());
      const outcome = outcomeOf(deferred.addTimeout(50, clock));
      clock.advance(50);
      expect(outcome.value).to.be.instanceOf(TimeoutError);
    });

    it("keeps the first of two times", () => {
      const clock = new FakeClock();
      const deferred = new Deferred<number>().addTimeout(10, clock).addTimeout(20, clock);
      const outcome = outcomeOf(deferred);
      clock.advance(30);
      expect(outcome.value).to.have.property("timeoutMs", 10);
    });

    it("leaves no call behind when it has fired before", () => {
      const clock = new FakeClock();
      expect(outcomeOf(Deferred.succeed(1).addTimeout(50, clock)).value).to.equal(1);
      expect(clock.pending).to.deep.equal([]);
    });
  });

  describe("as a promise", () => {
    it("can be awaited before and after it fires", async () => {
      const deferred = new Deferred<number>();
      const before = (async () => await deferred)();
      deferred.callback(1);
      expect(await before).to.equal(1);
      expect(await deferred).to.equal(1);
    });

    it("rejects with a failure", async () => {
      const error = new Error("no");
      const deferred = new Deferred<number>();
      const caught = deferred.catch((reason: unknown) => reason);
      deferred.errback(error);
      expect(await caught).to.equal(error);
      expect(await deferred.then(undefined, (reason: unknown) => reason)).to.equal(error);
    });

    it("gives native promises", () => {
      const deferred = Deferred.succeed(1);
      for (const promise of [
        deferred.then(same),
        deferred.catch(same),
        deferred.finally(nothing),
      ]) {
        expect(promise.constructor).to.equal(Promise);
      }
    });

    it("calls finally at the end, and passes the result", async () => {
      const end = spy();
      expect(await Deferred.succeed(1).finally(end)).to.equal(1);
      expect(end.callCount).to.equal(1);
    });

    it("does not change what later callbacks get", async () => {
      const good = Deferred.succeed(1);
      void good.then((n) => n + 1);
      expect(outcomeOf(good).value).to.equal(1);
      const bad = Deferred.fail("no");
      const caught = bad.catch((reason: unknown) => reason);
      expect(outcomeOf(bad)).to.deep.equal({ state: "failure", value: "no" });
      expect(await caught).to.equal("no");
    });
  });

  describe("from", () => {
    it("gives a Deferred back", () => {
      const deferred = new Deferred();
      expect(Deferred.from(deferred)).to.equal(deferred);
    });

    it("fires as the promise settles", async () => {
      const good = outcomeOf(Deferred.from(Promise.resolve(1)));
      const bad = outcomeOf(Deferred.from(rejected("no")));
      await turn();
      expect(good).to.deep.equal({ state: "result", value: 1 });
      expect(bad).to.deep.equal({ state: "failure", value: "no" });
    });

    it("can be cancelled, and drops what the promise comes to", async () => {
      for (const settle of [() => Promise.resolve(1), () => rejected("late")]) {
        const deferred = Deferred.from<number>(settle());
        const outcome = outcomeOf(deferred);
        deferred.cancel();
        await turn();
        expect(outcome.value).to.be.instanceOf(CancelledError);
      }
    });

    it("is cancelled by a signal, whose reason is the cause", () => {
      const controller = new AbortController();
      const outcome = outcomeOf(
        Deferred.from(new Promise(() => undefined), { signal: controller.signal }),
      );
      controller.abort("left");
      expect(outcome.value).to.be.instanceOf(CancelledError).with.property("cause", "left");
    });

    it("is cancelled at once by a signal that has aborted", () => {
      const outcome = outcomeOf(
        Deferred.from(new Promise(() => undefined), { signal: AbortSignal.abort("left") }),
      );
      expect(outcome.value).to.have.property("cause", "left");
    });

    it("forwards the signal to what a Deferred waits for", () => {
      const controller = new AbortController();
      const inner = new Deferred();
      const outer = Deferred.succeed(1).addCallback(() => inner);
      const outcome = outcomeOf(Deferred.from(outer, { signal: controller.signal }));
      controller.abort("left");
      expect(outcome.value).to.have.property("cause", "left");
    });

    it("stops listening to the signal when it has fired", async () => {
      const { signal } = new AbortController();
      const remove = spy(signal, "removeEventListener");
      const outcomes = [
        outcomeOf(Deferred.from(Promise.resolve(1), { signal })),
        outcomeOf(Deferred.from(rejected("no"), { signal })),
      ];
      await turn();
      expect(outcomes.map(({ value }) => value)).to.deep.equal([1, "no"]);
      expect(remove.callCount).to.equal(2);
    });
  });

  describe("a failure that nobody handles", () => {
    it("is reported once, when it is collected", async () => {
      const error = new Error("lost");
      const reports = await reportsOf(async () => {
        const deferred = Deferred.fail(error);
        await turn();
        await collectGarbage();
        expect(deferred.called).to.equal(true);
      });
      expect(reports).to.deep.equal([[error, "a Deferred, which nobody handled"]]);
    });

    it("is reported also when it arose in a callback, or is no Error", async () => {
      const errors = [new Error("in a callback"), "a string"];
      const reports = await reportsOf(() => {
        for (const error of errors) Deferred.succeed(1).addCallback(fails(error));
      });
      expect(reports.map(([error]) => error)).to.have.members(errors);
    });

    it("is reported for one whose own methods are in its stack", async () => {
      const reports = await reportsOf(() => {
        Deferred.succeed(1).addCallback(() => {
          throw new Error("made within");
        });
      });
      expect(reports.map(String)).to.deep.equal([
        "Error: made within,a Deferred, which nobody handled",
      ]);
    });

    for (const [name, act] of [
      ["one that is handled at once", () => Deferred.fail("x").addErrback(() => undefined)],
      [
        "one that is handled a turn later",
        async () => {
          const deferred = Deferred.fail("x");
          await turn();
          deferred.addErrback(() => undefined);
        },
      ],
      [
        "one that another took over",
        () =>
          Deferred.succeed(1)
            .addCallback(() => Deferred.fail("x"))
            .addErrback(() => undefined),
      ],
      ["one that a promise has taken", () => void Deferred.fail("x").catch(() => undefined)],
      [
        "one that is cancelled, and handled",
        () => {
          const deferred = new Deferred();
          deferred.addErrback(() => undefined);
          deferred.cancel();
        },
      ],
      ["a result", () => Deferred.succeed(1)],
    ] as [string, () => unknown][]) {
      it(`is not: ${name}`, async () => {
        expect(await reportsOf(async () => void (await act()))).to.deep.equal([]);
      });
    }

    it("is, when a handler fails again, and after a promise has seen a result", async () => {
      const reports = await reportsOf(() => {
        Deferred.fail("first").addErrback(fails("second"));
        const deferred = Deferred.succeed(1);
        void deferred.then(same);
        deferred.addCallback(fails("third"));
      });
      expect(reports.map(([error]) => error)).to.have.members(["second", "third"]);
    });
  });

  it("tells the observer of each that is made, while there is one", () => {
    const seen: object[] = [];
    const previous = observeCreation((made) => seen.push(made));
    const deferred = new Deferred();
    observeCreation(previous);
    expect(new Deferred().called).to.equal(false);
    expect(seen).to.deep.equal([deferred]);
  });
});
