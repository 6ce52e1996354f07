import { expect } from "chai";
import { spy } from "sinon";
import { systemClock } from "../../lib/defer/clock.ts";
import {
  type CooperativeTask,
  cooperate,
  TaskFinished,
  TaskStopped,
} from "../../lib/defer/cooperate.ts";
import { Deferred } from "../../lib/defer/deferred.ts";
import { setReporter } from "../../lib/defer/report.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { collectGarbage } from "../support/garbage.ts";
import { outcomeOf } from "../support/outcome.ts";

/** A FakeClock on which each look at the time takes so many ms. */
class SlowClock extends FakeClock {
  readonly #ms: number;
  constructor(ms: number) {
    super();
    this.#ms = ms;
  }

  override now(): number {
    const now = super.now();
    if (this.pending.length === 0) this.advance(this.#ms);
    return now;
  }
}

function* numbers(until: number, seen: unknown[], name = ""): Generator<number, void, void> {
  for (let n = 1; n <= until; n += 1) {
    seen.push(`${name}${n}`);
    yield n;
  }
}

async function reportsOf(act: () => void): Promise<unknown[]> {
  const reports: unknown[] = [];
  const previous = setReporter((error) => reports.push(error));
  act();
  await new Promise(setImmediate);
  await collectGarbage();
  setReporter(previous);
  return reports;
}

describe("defer/cooperate", () => {
  let clock: FakeClock;
  let seen: unknown[];

  beforeEach(() => {
    clock = new FakeClock();
    seen = [];
  });

  it("runs an iterator to its end, but not at once", () => {
    const iterator = numbers(3, seen);
    const outcome = outcomeOf(cooperate(iterator, { clock }).whenDone());
    expect(seen).to.deep.equal([]);
    clock.advance(0);
    expect(seen).to.deep.equal(["1", "2", "3"]);
    expect(outcome).to.deep.equal({ state: "result", value: iterator });
    expect(clock.pending).to.deep.equal([]);
  });

  it("takes anything that can be iterated, and bare iterators", () => {
    const bare: Iterator<number> = { next: () => ({ done: true, value: undefined }) };
    const outcomes = [cooperate([1, 2], { clock }), cooperate(bare, { clock })].map((task) =>
      outcomeOf(task.whenDone()),
    );
    clock.advance(0);
    expect(outcomes.map(({ state }) => state)).to.deep.equal(["result", "result"]);
    expect(outcomes[1]?.value).to.equal(bare);
  });

  it("takes turns with the other tasks on the clock", () => {
    cooperate(numbers(3, seen, "a"), { clock });
    cooperate(numbers(2, seen, "b"), { clock });
    clock.advance(0);
    expect(seen).to.deep.equal(["a1", "b1", "a2", "b2", "a3"]);
  });

  it("works for 10 ms in one go, and no longer", () => {
    const slow = new SlowClock(3);
    cooperate(numbers(9, seen), { clock: slow });
    slow.runToNext();
    expect(seen).to.deep.equal(["1", "2", "3", "4"]);
    slow.runToNext();
    expect(seen).to.have.length(8);
    slow.runToNext();
    expect(seen).to.have.length(9);
    expect(slow.pending).to.deep.equal([]);
  });

  it("works for 1,000 steps in one go where time stands still", () => {
    cooperate(numbers(1_500, seen), { clock });
    const other = spy(() => expect(seen).to.have.length(1_000));
    clock.callLater(0, () => undefined);
    clock.callLater(0, other);
    clock.advance(0);
    expect(other.callCount).to.equal(1);
    expect(seen).to.have.length(1_500);
  });

  it("goes by the system clock when there is no other", async () => {
    const task = cooperate(numbers(3, seen));
    expect(systemClock.pending).to.have.length(1);
    await task.whenDone();
    expect(seen).to.have.length(3);
  });

  it("fails with what the iterator throws", () => {
    const error = new Error("no");
    const task = cooperate(
      (function* fails() {
        yield 1;
        throw error;
      })(),
      { clock },
    );
    const outcomes = [outcomeOf(task.whenDone()), outcomeOf(task.whenDone())];
    clock.advance(0);
    expect(outcomes.map(({ value }) => value)).to.deep.equal([error, error]);
    expect(outcomeOf(task.whenDone()).value).to.equal(error);
  });

  it("reports a failure that nobody asks for", async () => {
    const failing: Iterator<number> = { next: () => expect.fail("nobody asks") };
    const reports = await reportsOf(() => {
      const asked = cooperate(failing, { clock });
      cooperate(failing, { clock });
      clock.advance(0);
      asked.whenDone().addErrback(() => undefined);
      asked.whenDone().addErrback(() => undefined);
    });
    expect(reports.map(String)).to.deep.equal(["AssertionError: nobody asks"]);
  });

  describe("when the iterator gives something to wait for", () => {
    it("goes on when a Deferred has fired, and others meanwhile", () => {
      const deferred = new Deferred<void>();
      cooperate(
        (function* waits() {
          yield deferred;
          seen.push("went on");
        })(),
        { clock },
      );
      cooperate(numbers(2, seen), { clock });
      clock.advance(0);
      expect(seen).to.deep.equal(["1", "2"]);
      expect(clock.pending).to.deep.equal([]);
      deferred.callback();
      clock.advance(0);
      expect(seen).to.deep.equal(["1", "2", "went on"]);
    });

    it("goes on when a promise has been fulfilled", async () => {
      const task = cooperate([Promise.resolve(1)], { clock });
      const outcome = outcomeOf(task.whenDone());
      await clock.advanceAsync(0);
      await clock.advanceAsync(0);
      expect(outcome.state).to.equal("result");
    });

    it("fails when it fails", () => {
      const deferred = new Deferred<void>();
      const outcome = outcomeOf(cooperate([deferred], { clock }).whenDone());
      clock.advance(0);
      deferred.errback("no");
      expect(outcome).to.deep.equal({ state: "failure", value: "no" });
    });

    it("stays stopped whatever that comes to", () => {
      for (const end of ["callback", "errback"] as const) {
        const deferred = new Deferred<undefined>();
        const task = cooperate([deferred], { clock });
        const outcome = outcomeOf(task.whenDone());
        clock.advance(0);
        task.stop();
        deferred[end](undefined);
        clock.advance(0);
        expect(outcome.value).to.be.instanceOf(TaskStopped);
      }
    });
  });

  describe("pause and resume", () => {
    it("holds the task up until resumed as often as paused", () => {
      const task = cooperate(numbers(2, seen), { clock });
      task.pause();
      task.pause();
      clock.advance(0);
      task.resume();
      clock.advance(0);
      expect(seen).to.deep.equal([]);
      task.resume();
      clock.advance(0);
      expect(seen).to.deep.equal(["1", "2"]);
    });

    it("refuses to resume what is not paused, and to pause what is over", () => {
      const task = cooperate(numbers(1, seen), { clock });
      expect(() => task.resume()).to.throw("not paused");
      clock.advance(0);
      expect(() => task.pause()).to.throw(TaskFinished, "over");
      expect(() => task.stop()).to.throw(TaskFinished, "over");
    });
  });

  describe("stop", () => {
    it("fails with TaskStopped, and closes the iterator", () => {
      let closed = false;
      const task = cooperate(
        (function* closes() {
          try {
            yield 1;
            yield new Deferred();
          } finally {
            closed = true;
          }
        })(),
        { clock },
      );
      const outcome = outcomeOf(task.whenDone());
      clock.advance(0);
      expect(closed).to.equal(false);
      task.stop();
      expect(outcome.value)
        .to.be.instanceOf(TaskStopped)
        .with.property("message", "the task was stopped");
      expect(closed).to.equal(true);
      expect(outcomeOf(task.whenDone()).value).to.be.instanceOf(TaskStopped);
    });

    it("is not reported when nobody asks", async () => {
      expect(await reportsOf(() => cooperate(numbers(2, seen), { clock }).stop())).to.deep.equal(
        [],
      );
    });

    it("from within the iterator closes that after the step", () => {
      let closed = false;
      const started: CooperativeTask[] = [];
      started.push(
        cooperate(
          (function* stops() {
            try {
              started[0]?.stop();
              seen.push("still here");
              yield 1;
              seen.push("never here");
            } finally {
              closed = true;
            }
          })(),
          { clock },
        ),
      );
      clock.advance(0);
      expect(seen).to.deep.equal(["still here"]);
      expect(closed).to.equal(true);
    });

    it("reports what the iterator throws as it is closed, or after it has stopped itself", async () => {
      const reports = await reportsOf(() => {
        cooperate(
          {
            next: () => ({ done: false, value: 1 }),
            return: () => expect.fail("closing"),
          },
          { clock },
        ).stop();
        const started: CooperativeTask[] = [];
        started.push(
          cooperate(
            {
              next: () => {
                started[0]?.stop();
                return expect.fail("after stop");
              },
            } as Iterator<number>,
            { clock },
          ),
        );
        clock.advance(0);
      });
      expect(reports.map(String)).to.deep.equal([
        "AssertionError: closing",
        "AssertionError: after stop",
      ]);
    });
  });
});
