import { deepStrictEqual as strictDeepEqual } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { spy } from "sinon";
import { keepHouse } from "../../lib/defer/clock.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { behavesLikeClock } from "../contracts/clock.ts";

function sleep(clock: FakeClock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.callLater(ms, resolve);
  });
}

describe("testing/fake-clock", () => {
  describe("as any clock", () =>
    behavesLikeClock(() => {
      const clock = new FakeClock();
      const thrown: unknown[] = [];
      return {
        clock,
        pass: (ms) => {
          try {
            clock.advance(ms);
          } catch (error) {
            thrown.push(
              ...(error instanceof AggregateError ? (error.errors as unknown[]) : [error]),
            );
          }
        },
        thrown: () => thrown,
      };
    }));

  it("starts at 0, or where it is told to", () => {
    expect(new FakeClock().now()).to.equal(0);
    expect(new FakeClock({ now: 1_000 }).now()).to.equal(1_000);
  });

  it("stands still until it is moved", () => {
    const clock = new FakeClock();
    clock.callLater(0, () => expect.fail());
    expect(clock.now()).to.equal(0);
    expect(clock.pending).to.have.length(1);
  });

  for (const ms of [-1, NaN, Infinity]) {
    it(`refuses to advance by ${ms}`, async () => {
      const clock = new FakeClock();
      expect(() => {
        clock.advance(ms);
      }).to.throw(RangeError);
      const error: unknown = await clock.advanceAsync(ms).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(RangeError);
      expect(clock.now()).to.equal(0);
    });
  }

  it("makes what is due now when it is advanced by 0", () => {
    const clock = new FakeClock();
    const made = spy();
    clock.callLater(0, () => clock.callLater(0, made));
    clock.advance(0);
    expect(made.callCount).to.equal(1);
  });

  it("throws what a call threw, after all others were made and time has moved", () => {
    const clock = new FakeClock();
    const error = new Error("one");
    const made = spy();
    clock.callLater(1, () => {
      throw error;
    });
    clock.callLater(2, made);
    expect(() => {
      clock.advance(3);
    }).to.throw(error);
    expect(made.callCount).to.equal(1);
    expect(clock.now()).to.equal(3);
  });

  it("throws all that several calls threw, as one error that quotes them", () => {
    const clock = new FakeClock();
    for (const text of ["one", "two"]) {
      clock.callLater(1, () => {
        throw new Error(text);
      });
    }
    expect(() => {
      clock.advance(1);
    }).to.throw(AggregateError, "Error: one; Error: two");
  });

  describe("when calls ask for calls in the same moment without end", () => {
    for (const [calls, goesOn] of [
      [9_999, true],
      [10_000, true],
      [10_001, false],
    ] as const) {
      it(`${goesOn ? "goes on" : "says so, and from where,"} after ${calls}`, () => {
        const clock = new FakeClock();
        let left: number = calls;
        const again = (): void => {
          left -= 1;
          if (left >= 0) clock.callLater(0, again);
        };
        for (let many = 0; many < 100; many += 1) clock.callLater(5, () => undefined);
        clock.callLater(5, again);
        const advance = (): void => {
          clock.advance(10);
        };
        if (goesOn) advance();
        else expect(advance).to.throw(/more than 10000 .* at 5 ms.*fake-clock\.spec\.ts:\d+:\d+/);
      });
    }
  });

  it("may be moved from within a call, and does not go back", () => {
    const clock = new FakeClock();
    const seen: number[] = [];
    clock.callLater(1, () => {
      clock.advance(100);
      seen.push(clock.now());
    });
    clock.callLater(50, () => seen.push(clock.now()));
    clock.advance(10);
    expect(seen).to.deep.equal([50, 101]);
    expect(clock.now()).to.equal(101);
  });

  it("pumps through several steps", () => {
    const clock = new FakeClock();
    const seen: number[] = [];
    clock.callLater(2, () => seen.push(clock.now()));
    clock.pump([1, 1, 0, 3]);
    expect(seen).to.deep.equal([2]);
    expect(clock.now()).to.equal(5);
  });

  it("runs to the next call, and says whether there was one", () => {
    const clock = new FakeClock();
    const house = spy();
    keepHouse(clock, 3, house);
    keepHouse(clock, 7, house);
    clock.callLater(5, () => undefined).delay(-2);
    clock.callLater(5, () => undefined);
    expect([clock.runToNext(), clock.now()]).to.deep.equal([true, 3]);
    expect([clock.runToNext(), clock.now()]).to.deep.equal([true, 5]);
    expect([clock.runToNext(), clock.now()]).to.deep.equal([false, 5]);
    expect(house.callCount).to.equal(1);
  });

  it("runs to a call that is overdue without moving", () => {
    const clock = new FakeClock({ now: 10 });
    const made = spy();
    clock.callLater(5, made).delay(-10);
    expect(clock.runToNext()).to.equal(true);
    expect([made.callCount, clock.now()]).to.deep.equal([1, 10]);
  });

  describe("pending", () => {
    it("says where they come from in what a runner shows of them, own properties", () => {
      const clock = new FakeClock();
      clock.callLater(5, () => undefined);
      const failure = (): void => strictDeepEqual(clock.pending, []);
      expect(failure).to.throw(/spec\/testing\/fake-clock\.spec\.ts:\d+:\d+/);
      expect(JSON.stringify(clock.pending)).to.match(/spec\/testing\/fake-clock\.spec\.ts:\d+:\d+/);
    });

    it("knows where each call was asked for", () => {
      const clock = new FakeClock();
      clock.callLater(1, () => undefined);
      const [call] = clock.pending;
      expect(call?.place).to.match(/spec\/testing\/fake-clock\.spec\.ts:\d+:\d+$/);
      expect(call?.place).to.not.match(/^file:/);
      expect(call?.stack).to.match(/^ {4}at .*callLater.*\n.*fake-clock\.spec/m);
    });

    it("is apart from the toolkit's own calls", () => {
      const clock = new FakeClock();
      keepHouse(clock, 10, () => undefined);
      expect(clock.pending).to.deep.equal([]);
      expect(clock.housekeeping.map(({ time }) => time)).to.deep.equal([10]);
      expect(clock.housekeeping[0]?.place).to.match(/fake-clock\.spec\.ts/);
    });
  });

  describe("advanceAsync", () => {
    it("lets promises get on before the first call, between calls of one moment, and at the end", async () => {
      const clock = new FakeClock();
      const seen: string[] = [];
      const deep = async (name: string): Promise<void> => {
        for (let depth = 0; depth < 50; depth += 1) await Promise.resolve();
        seen.push(`${name} settled`);
      };
      void deep("before");
      for (const name of ["a", "b"]) {
        clock.callLater(5, () => {
          seen.push(name);
          void deep(name);
        });
      }
      await clock.advanceAsync(5);
      expect(seen).to.deep.equal(["before settled", "a", "a settled", "b", "b settled"]);
    });

    it("makes the calls that promises ask for on the way", async () => {
      const clock = new FakeClock();
      const seen: number[] = [];
      const program = (async () => {
        for (let beat = 0; beat < 3; beat += 1) {
          await sleep(clock, 10);
          seen.push(clock.now());
        }
      })();
      await clock.advanceAsync(25);
      expect(seen).to.deep.equal([10, 20]);
      expect(clock.now()).to.equal(25);
      await clock.advanceAsync(5);
      await program;
      expect(seen).to.deep.equal([10, 20, 30]);
    });

    it("rejects with what a call threw, at the end", async () => {
      const clock = new FakeClock();
      const error = new Error("one");
      clock.callLater(1, () => {
        throw error;
      });
      expect(await clock.advanceAsync(3).catch((reason: unknown) => reason)).to.equal(error);
      expect(clock.now()).to.equal(3);
    });
  });

  describe("autoAdvance", () => {
    it("moves time while somebody waits for it", async () => {
      const clock = new FakeClock({ autoAdvance: true });
      await sleep(clock, 1_800_000);
      await sleep(clock, 1);
      expect(clock.now()).to.equal(1_800_001);
    });

    it("can be switched on when calls wait already, and off again", async () => {
      const clock = new FakeClock();
      const waited = sleep(clock, 10);
      const made = spy();
      const auto = clock.autoAdvance();
      await waited;
      clock.callLater(10, made);
      auto[Symbol.dispose]();
      for (let turns = 0; turns < 10; turns += 1) await new Promise(setImmediate);
      expect([made.callCount, clock.now()]).to.deep.equal([0, 10]);
    });

    it("does not move time for housekeeping alone, but takes it along", async () => {
      const clock = new FakeClock({ autoAdvance: true });
      const house = spy();
      const again = (): void => {
        house();
        keepHouse(clock, 10, again);
      };
      again();
      await sleep(clock, 35);
      for (let turns = 0; turns < 10; turns += 1) await new Promise(setImmediate);
      expect([house.callCount, clock.now()]).to.deep.equal([4, 35]);
    });

    it("waits for promises, turns and files first", async () => {
      const clock = new FakeClock({ autoAdvance: true });
      const made = spy();
      clock.callLater(10, made);
      await Promise.resolve();
      await new Promise(setImmediate);
      await readFile("package.json");
      await readFile("package.json");
      expect(made.callCount).to.equal(0);
    });

    it("goes on looking after a call that threw, which is an uncaught exception", async () => {
      const clock = new FakeClock({ autoAdvance: true });
      const listeners = process.listeners("uncaughtException");
      const caught: unknown[] = [];
      process.removeAllListeners("uncaughtException");
      process.once("uncaughtException", (error) => caught.push(error));
      clock.callLater(5, () => {
        throw new Error("lost");
      });
      await sleep(clock, 10);
      for (const listener of listeners) process.on("uncaughtException", listener);
      expect(caught.map(String)).to.deep.equal(["Error: lost"]);
    });
  });
});
