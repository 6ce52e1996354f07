import { expect } from "chai";
import { systemClock } from "../../lib/defer/clock.ts";
import { setReporter } from "../../lib/defer/report.ts";
import { IDLE_JOB, Job, PRIORITY_JOB, STANDARD_JOB } from "../../lib/servlet/job.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";

interface Jobs {
  readonly clock: FakeClock;
  readonly ran: string[];
  readonly job: (name: string, also?: () => void) => Job;
}

function jobs(): Jobs {
  const clock = new FakeClock();
  const ran: string[] = [];
  return {
    clock,
    ran,
    job: (name, also) =>
      new Job(
        () => {
          ran.push(name);
          also?.();
        },
        { clock },
      ),
  };
}

describe("servlet/job", () => {
  it("runs by priority, then in order, idle ones last", () => {
    const { clock, ran, job } = jobs();
    job("idle 1").schedule(IDLE_JOB);
    job("standard 1").schedule();
    job("idle 2").schedule(IDLE_JOB);
    job("priority 1").schedule(PRIORITY_JOB);
    job("standard 2").schedule(STANDARD_JOB);
    job("priority 2").schedule(PRIORITY_JOB);
    expect(ran).to.deep.equal([]);
    clock.advance(0);
    expect(ran).to.deep.equal([
      "priority 1",
      "priority 2",
      "standard 1",
      "standard 2",
      "idle 1",
      "idle 2",
    ]);
    expect(clock.pending).to.deep.equal([]);
  });

  it("runs what comes with priority before the others of the turn", () => {
    const { clock, ran, job } = jobs();
    const urgent = job("urgent");
    job("first", () => urgent.schedule(PRIORITY_JOB)).schedule();
    job("second").schedule();
    clock.advance(0);
    expect(ran).to.deep.equal(["first", "urgent", "second"]);
  });

  it("leaves idle ones waiting while others come", () => {
    const { clock, ran, job } = jobs();
    let left = 3;
    const busy = job("busy", () => {
      left -= 1;
      if (left > 0) busy.schedule();
    });
    job("idle").schedule(IDLE_JOB);
    busy.schedule();
    clock.advance(0);
    expect(ran).to.deep.equal(["busy", "busy", "busy", "idle"]);
  });

  it("gives others a turn when it schedules itself, with priority too", () => {
    for (const type of [PRIORITY_JOB, STANDARD_JOB, IDLE_JOB] as const) {
      const { clock, ran, job } = jobs();
      let left = 2;
      const again = job("again", () => {
        left -= 1;
        if (left > 0) {
          clock.callLater(0, () => ran.push("other"));
          again.schedule(type);
        }
      });
      again.schedule(type);
      clock.advance(0);
      expect(ran).to.deep.equal(["again", "other", "again"]);
    }
  });

  it("that is cancelled does nothing until it is reset, and leaves nothing on the clock", () => {
    const { clock, ran, job } = jobs();
    const one = job("one");
    expect(one.scheduled).to.equal(false);
    one.schedule();
    expect(one.scheduled).to.equal(true);
    one.cancel();
    expect(one.cancelled).to.equal(true);
    expect(one.scheduled).to.equal(false);
    expect(clock.pending).to.deep.equal([]);
    one.schedule();
    one.execute();
    clock.advance(0);
    expect(ran).to.deep.equal([]);
    one.reset();
    expect(one.cancelled).to.equal(false);
    clock.advance(0);
    expect(ran).to.deep.equal([]);
    one.execute();
    one.schedule();
    clock.advance(0);
    expect(ran).to.deep.equal(["one", "one"]);
  });

  it("runs once where it was cancelled, reset and scheduled while it waited", () => {
    const { clock, ran, job } = jobs();
    const one = job("one");
    one.schedule(IDLE_JOB);
    one.cancel();
    one.reset();
    one.schedule(IDLE_JOB);
    one.schedule(PRIORITY_JOB);
    clock.advance(0);
    expect(ran).to.deep.equal(["one"]);
  });

  it("may be cancelled by one before it in the turn", () => {
    const { clock, ran, job } = jobs();
    const victim = job("victim");
    job("first", () => victim.cancel()).schedule();
    victim.schedule();
    job("last").schedule();
    clock.advance(0);
    expect(ran).to.deep.equal(["first", "last"]);
  });

  it("reports what it throws, and the others run", () => {
    const reported: unknown[] = [];
    const before = setReporter((error) => reported.push(error));
    const { clock, ran, job } = jobs();
    job("first", () => {
      throw new Error("oops");
    }).schedule();
    job("second").schedule();
    clock.advance(0);
    setReporter(before);
    expect(ran).to.deep.equal(["first", "second"]);
    expect(String(reported[0])).to.contain("oops");
  });

  it("is on the clock of the process unless another is given", () => {
    const one = new Job(() => undefined);
    const waiting = systemClock.pending.length;
    one.schedule();
    expect(systemClock.pending.length).to.equal(waiting + 1);
    one.cancel();
    expect(systemClock.pending.length).to.equal(waiting);
  });
});
