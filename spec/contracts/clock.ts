import { expect } from "chai";
import * as fc from "fast-check";
import { spy } from "sinon";
import { type Clock, type DelayedCall, keepHouse } from "../../lib/defer/clock.ts";

/** A clock, and what its spec does to it. */
export interface ClockUnderTest {
  readonly clock: Clock;
  /** Lets `ms` pass and the calls be made. */
  pass(ms: number): void;
  /** What calls have thrown so far, wherever this clock takes that. */
  thrown(): readonly unknown[];
  /** Leaves nothing behind. */
  end?(): void;
}

/** What holds for every clock. */
export function behavesLikeClock(make: () => ClockUnderTest): void {
  let test: ClockUnderTest;
  let clock: Clock;
  const pass = (ms: number): void => {
    test.pass(ms);
  };

  beforeEach(() => {
    test = make();
    ({ clock } = test);
  });

  afterEach(() => {
    for (const call of clock.pending) call.cancel();
    test.end?.();
  });

  it("makes a call when its time has come, and not a millisecond before", () => {
    const call = spy();
    clock.callLater(5_000, call);
    pass(4_999);
    expect(call.callCount).to.equal(0);
    pass(1);
    expect(call.callCount).to.equal(1);
    pass(10_000);
    expect(call.callCount).to.equal(1);
  });

  it("hands on the arguments", () => {
    const call = spy((_a: string, _b: number) => undefined);
    clock.callLater(1, call, "a", 2);
    pass(1);
    expect(call.args).to.deep.equal([["a", 2]]);
  });

  it("never makes a call within callLater, not even without a delay", () => {
    const call = spy();
    clock.callLater(0, call);
    expect(call.callCount).to.equal(0);
    pass(1);
    expect(call.callCount).to.equal(1);
  });

  it("shows the time for which a call was asked, in the call too", () => {
    const start = clock.now();
    const seen: number[] = [];
    for (const ms of [30, 10, 20]) clock.callLater(ms, () => seen.push(clock.now() - start));
    pass(100);
    expect(seen).to.deep.equal([10, 20, 30]);
    expect(clock.now() - start).to.equal(100);
  });

  it("makes calls in order of time, and of registration where times are equal", () => {
    const order: string[] = [];
    for (const [name, ms] of [
      ["c", 3],
      ["a1", 1],
      ["b", 2],
      ["a2", 1],
    ] as const) {
      clock.callLater(ms, () => order.push(name));
    }
    pass(3);
    expect(order).to.deep.equal(["a1", "a2", "b", "c"]);
  });

  for (const ms of [-1, -0.001, NaN, Infinity, -Infinity, "5" as unknown as number]) {
    it(`refuses a delay of ${String(ms)}`, () => {
      expect(() => clock.callLater(ms, () => undefined)).to.throw(RangeError, String(ms));
      const call = clock.callLater(1, () => undefined);
      expect(() => call.reset(ms)).to.throw(RangeError, String(ms));
      expect(clock.pending).to.deep.equal([call]);
    });
  }

  it("tells the time of a call and whether it waits", () => {
    const call = clock.callLater(7, () => expect(call.active).to.equal(false));
    expect(call.time).to.equal(clock.now() + 7);
    expect(call.active).to.equal(true);
    pass(7);
    expect(call.active).to.equal(false);
    expect(test.thrown()).to.deep.equal([]);
  });

  it("takes a call back, once", () => {
    const made = spy();
    const call = clock.callLater(7, made);
    expect(call.cancel()).to.equal(true);
    expect(call.active).to.equal(false);
    expect(call.cancel()).to.equal(false);
    pass(100);
    expect(made.callCount).to.equal(0);
  });

  it("takes nothing back once the call was made, nor while it is", () => {
    const results: boolean[] = [];
    const call: DelayedCall = clock.callLater(1, () => results.push(call.cancel()));
    pass(1);
    expect([...results, call.cancel()]).to.deep.equal([false, false]);
  });

  it("takes a call back when it is disposed of", () => {
    const made = spy();
    const call = clock.callLater(7, made);
    call[Symbol.dispose]();
    call[Symbol.dispose]();
    pass(7);
    expect(made.callCount).to.equal(0);
  });

  it("resets a call to be due so long from now", () => {
    const made = spy();
    const call = clock.callLater(10, made);
    pass(8);
    call.reset(10);
    pass(9);
    expect(made.callCount).to.equal(0);
    pass(1);
    expect(made.callCount).to.equal(1);
    call.reset(10);
    expect(call.active).to.equal(false);
    pass(10);
    expect(made.callCount).to.equal(1);
  });

  it("resets a call to an earlier time", () => {
    const made = spy();
    clock.callLater(10_000, made).reset(5);
    pass(5);
    expect(made.callCount).to.equal(1);
  });

  it("delays a call by so much, and hastens it by a negative amount", () => {
    const made = spy();
    const call = clock.callLater(10, made);
    call.delay(5);
    pass(14);
    expect(made.callCount).to.equal(0);
    call.delay(100);
    call.delay(-100);
    pass(1);
    expect(made.callCount).to.equal(1);
    call.delay(5);
    expect(call.active).to.equal(false);
  });

  it("makes a call at once that was hastened into the past, and time does not go back", () => {
    pass(100);
    const start = clock.now();
    const seen: number[] = [];
    clock.callLater(10, () => seen.push(clock.now() - start)).delay(-50);
    pass(1);
    expect(seen).to.have.length(1);
    expect(seen[0]).to.be.within(0, 1);
  });

  for (const ms of [NaN, Infinity, -Infinity]) {
    it(`refuses to delay by ${ms}`, () => {
      const call = clock.callLater(1, () => undefined);
      expect(() => call.delay(ms)).to.throw(RangeError, String(ms));
    });
  }

  it("lists the calls that wait, soonest first, in a copy", () => {
    const late = clock.callLater(20, () => undefined);
    const soon = clock.callLater(10, () => undefined);
    const soonToo = clock.callLater(10, () => undefined);
    const { pending } = clock;
    expect(pending).to.deep.equal([soon, soonToo, late]);
    soon.cancel();
    pass(10);
    expect(clock.pending).to.deep.equal([late]);
    expect(pending).to.have.length(3);
  });

  it("makes the other calls when one throws", () => {
    const made = spy();
    const errors = [new Error("first"), new Error("second")];
    for (const error of errors) {
      clock.callLater(1, () => {
        throw error;
      });
      clock.callLater(1, made);
    }
    clock.callLater(2, made);
    pass(2);
    expect(made.callCount).to.equal(3);
    expect(test.thrown()).to.deep.equal(errors);
    expect(clock.pending).to.deep.equal([]);
  });

  it("makes calls that were asked for by calls, in order with the rest", () => {
    const order: string[] = [];
    clock.callLater(1, () => {
      order.push("1");
      clock.callLater(1, () => order.push("2 from 1"));
      clock.callLater(3, () => order.push("4 from 1"));
    });
    clock.callLater(2, () => order.push("2"));
    clock.callLater(3, () => order.push("3"));
    pass(4);
    expect(order).to.deep.equal(["1", "2", "2 from 1", "3", "4 from 1"]);
  });

  it("does not make a call that another cancels in the same moment", () => {
    const made = spy();
    clock.callLater(1, () => later.cancel());
    const later = clock.callLater(1, made);
    pass(1);
    expect(made.callCount).to.equal(0);
  });

  it("makes a call that asks for itself again at each of its times", () => {
    const start = clock.now();
    const seen: number[] = [];
    const again = (): void => {
      seen.push(clock.now() - start);
      if (seen.length < 4) clock.callLater(10, again);
    };
    clock.callLater(10, again);
    pass(100);
    expect(seen).to.deep.equal([10, 20, 30, 40]);
  });

  it("keeps house without showing it", () => {
    const made = spy();
    const call = keepHouse(clock, 10, made);
    expect(clock.pending).to.deep.equal([]);
    expect(call.active).to.equal(true);
    pass(10);
    expect(made.callCount).to.equal(1);
    expect(keepHouse(clock, 10, made).cancel()).to.equal(true);
    pass(10);
    expect(made.callCount).to.equal(1);
  });

  it("makes whatever was not cancelled, in order of time and then of registration", () => {
    const Action = fc.record({
      ms: fc.nat(20),
      fate: fc.oneof(
        fc.constant("keep" as const),
        fc.constant("cancel" as const),
        fc.record({ reset: fc.nat(20) }),
        fc.record({ delay: fc.integer({ min: 0, max: 20 }) }),
      ),
    });
    fc.assert(
      fc.property(fc.array(Action, { maxLength: 40 }), (actions) => {
        const start = clock.now();
        const made: number[] = [];
        const calls = actions.map(({ ms }, name) => clock.callLater(ms, () => made.push(name)));
        const expected: { name: number; time: number }[] = [];
        const moved: { name: number; time: number }[] = [];
        for (const [name, { ms, fate }] of actions.entries()) {
          const call = calls[name] as DelayedCall;
          if (fate === "keep") expected.push({ name, time: ms });
          else if (fate === "cancel") call.cancel();
          else if ("reset" in fate) {
            call.reset(fate.reset);
            moved.push({ name, time: fate.reset });
          } else {
            call.delay(fate.delay);
            moved.push({ name, time: ms + fate.delay });
          }
        }
        const order = [...expected, ...moved].toSorted((a, b) => a.time - b.time);
        expect(clock.pending.map(({ time }) => time - start)).to.deep.equal(
          order.map(({ time }) => time),
        );
        pass(40);
        expect(made).to.deep.equal(order.map(({ name }) => name));
        expect(clock.pending).to.deep.equal([]);
      }),
      { numRuns: 50 },
    );
  });
}
