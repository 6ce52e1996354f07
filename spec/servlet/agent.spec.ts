import { expect } from "chai";
import { systemClock } from "../../lib/defer/clock.ts";
import { Agent } from "../../lib/servlet/agent.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";

function fail(message: string): Disposable {
  return {
    [Symbol.dispose]: () => {
      throw new Error(message);
    },
  };
}

describe("servlet/agent", () => {
  it("has one timer of a name: the later one counts", () => {
    const clock = new FakeClock();
    const agent = new Agent({ clock });
    const rang: string[] = [];
    agent.startTimer((tag) => rang.push(`${tag} 1`), 10, "a");
    agent.startTimer((tag) => rang.push(`${tag} 2`), 5, "a");
    clock.advance(20);
    expect(rang).to.deep.equal(["a 2"]);
    expect(agent.timerPending("a")).to.equal(false);
  });

  it("makes up names that are not taken", () => {
    const agent = new Agent({ clock: new FakeClock() });
    agent.startTimer(() => undefined, 1, "timer-2");
    expect(agent.startTimer(() => undefined, 1)).to.equal("timer-1");
    expect(agent.startTimer(() => undefined, 1)).to.equal("timer-3");
    expect(agent.setAlarm(() => undefined, 1)).to.equal("alarm-1");
  });

  it("keeps the one before where a delay is refused", () => {
    const agent = new Agent({ clock: new FakeClock() });
    agent.startTimer(() => undefined, 1, "a");
    for (const delay of [-1, Number.NaN, Infinity]) {
      expect(() => agent.startTimer(() => undefined, delay, "a")).to.throw(RangeError);
    }
    expect(agent.timerPending("a")).to.equal(true);
  });

  it("may start a timer of the same name when it is called", () => {
    const clock = new FakeClock();
    const agent = new Agent({ clock });
    let rings = 0;
    const ring = (tag: string): void => {
      rings += 1;
      if (rings < 3) agent.startTimer(ring, 10, tag);
    };
    agent.startTimer(ring, 10, "a");
    clock.advance(100);
    expect(rings).to.equal(3);
  });

  it("has alarms by the time on the wall; one that is past comes at once", () => {
    const clock = new FakeClock();
    const agent = new Agent({ clock, wallClock: () => 5_000 });
    const rang: string[] = [];
    agent.setAlarm((tag) => rang.push(tag), 4_000, "past");
    agent.setAlarm((tag) => rang.push(tag), 5_010, "soon");
    agent.setAlarm((tag) => rang.push(tag), 9_000, "late");
    expect(agent.alarmPending("late")).to.equal(true);
    clock.advance(10);
    expect(rang).to.deep.equal(["past", "soon"]);
    expect(agent.cancelAlarm("late")).to.equal(true);
    expect(agent.cancelAlarm("late")).to.equal(false);
    agent.setAlarm((tag) => rang.push(tag), 9_000);
    agent.cancelAllAlarms();
    expect(clock.pending).to.deep.equal([]);
  });

  it("is on the clocks of the process unless others are given", () => {
    const agent = new Agent();
    const waiting = systemClock.pending.length;
    agent.startTimer(() => undefined, 60_000);
    agent.setAlarm(() => undefined, Date.now() + 60_000);
    expect(systemClock.pending.length).to.equal(waiting + 2);
    agent[Symbol.dispose]();
    expect(systemClock.pending.length).to.equal(waiting);
  });

  it("cancels and disposes of all at once, and stays usable", () => {
    const clock = new FakeClock();
    const agent = new Agent({ clock });
    const rang: string[] = [];
    agent.startTimer((tag) => rang.push(tag), 1, "timer");
    agent.setAlarm((tag) => rang.push(tag), 1, "alarm");
    const job = agent.createJob(() => rang.push("job"));
    job.schedule();
    agent.own({ [Symbol.dispose]: () => rang.push("disposed") });
    agent.destroyReferences();
    agent.destroyReferences();
    clock.advance(10);
    expect(rang).to.deep.equal(["disposed"]);
    expect(job.cancelled).to.equal(true);
    agent.startTimer((tag) => rang.push(tag), 1, "again");
    agent.createJob(() => rang.push("job")).schedule();
    clock.advance(10);
    expect(rang).to.deep.equal(["disposed", "job", "again"]);
    agent.cancelAllTimers();
  });

  it("disposes of everything before it says what failed", () => {
    const agent = new Agent({ clock: new FakeClock() });
    agent.own(fail("one"));
    expect(() => agent.destroyReferences()).to.throw("one");
    let isDisposed = false;
    agent.own(fail("one"));
    agent.own(fail("two"));
    agent.own({
      [Symbol.dispose]: () => {
        isDisposed = true;
      },
    });
    expect(() => agent.destroyReferences()).to.throw(AggregateError);
    expect(isDisposed).to.equal(true);
  });
});
