import { expect } from "chai";
import * as fc from "fast-check";
import { CallQueue, type QueuedCall } from "../../lib/defer/call-queue.ts";
import { Place } from "../../lib/defer/place.ts";
import { collectGarbage } from "../support/garbage.ts";

function nothing(): void {
  // A call needs a function.
}

/** A queue at time 0, that counts its changes. */
function queueAtZero(): { readonly queue: CallQueue; readonly changes: () => number } {
  let changes = 0;
  const queue = new CallQueue({
    now: () => 0,
    changed: () => {
      changes += 1;
    },
  });
  return { queue, changes: () => changes };
}

describe("defer/call-queue", () => {
  it("tells its clock of each change, but not of a call that the clock takes", () => {
    const { queue, changes } = queueAtZero();
    const call = queue.add(1, nothing, []);
    call.reset(2);
    call.delay(2);
    queue.add(9, nothing, []).cancel();
    expect(changes()).to.equal(5);
    expect(queue.take()).to.equal(call);
    expect(queue.take()).to.equal(undefined);
    expect(changes()).to.equal(5);
  });

  it("counts the calls that are listed", () => {
    const { queue } = queueAtZero();
    const calls = [queue.add(1, nothing, []), queue.add(2, nothing), queue.add(3, nothing, [])];
    expect(queue.listed).to.equal(2);
    calls[2]?.cancel();
    expect(queue.listed).to.equal(1);
    calls[1]?.cancel();
    expect(queue.listed).to.equal(1);
    queue.take();
    expect(queue.listed).to.equal(0);
  });

  it("tells the listed calls from those of housekeeping", () => {
    const { queue } = queueAtZero();
    const listed = queue.add(2, nothing, []);
    const house = [queue.add(3, nothing), queue.add(1, nothing)];
    expect(queue.pending()).to.deep.equal([listed]);
    expect(queue.pending(false)).to.deep.equal([house[1], house[0]]);
    expect(queue.first).to.equal(house[1]);
  });

  it("keeps no function or argument of a call that was made or cancelled", async () => {
    const { queue } = queueAtZero();
    const collected: string[] = [];
    const registry = new FinalizationRegistry<string>((name) => collected.push(name));
    const add = (name: string): QueuedCall => {
      const argument = {};
      const call = (): void => void argument;
      registry.register(argument, name);
      return queue.add(1, call, []);
    };
    const calls = [add("cancelled"), add("made")];
    calls[0]?.cancel();
    queue.take()?.make();
    await collectGarbage();
    expect(collected.toSorted()).to.deep.equal(["cancelled", "made"]);
    expect(calls.map(({ active }) => active)).to.deep.equal([false, false]);
  });

  it("knows the place of a call as far as somebody noted it", () => {
    const { queue } = queueAtZero();
    const call = queue.add(1, nothing, []);
    expect([call.place, call.stack]).to.deep.equal(["an unknown place", ""]);
    call.origin = new Place();
    expect(call.place).to.match(/call-queue\.spec\.ts/);
    expect(call.stack).to.match(/call-queue\.spec\.ts/);
  });

  it("is in order after any adding, cancelling, moving and taking", () => {
    const Step = fc.oneof(
      fc.record({ add: fc.nat(9) }),
      fc.record({ cancel: fc.nat() }),
      fc.record({ reset: fc.nat(), to: fc.nat(9) }),
      fc.constant("take" as const),
    );
    fc.assert(
      fc.property(fc.array(Step, { maxLength: 200 }), (steps) => {
        const { queue } = queueAtZero();
        const model: QueuedCall[] = [];
        const some = (at: number): QueuedCall | undefined => model[at % Math.max(model.length, 1)];
        const first = (): QueuedCall | undefined =>
          model.toSorted((a, b) => a.time - b.time || a.sequence - b.sequence)[0];
        for (const step of steps) {
          if (step === "take") {
            const expected = first();
            expect(queue.take()).to.equal(expected);
            if (expected !== undefined) model.splice(model.indexOf(expected), 1);
          } else if ("add" in step) {
            model.push(queue.add(step.add, nothing, []));
          } else if ("cancel" in step) {
            const call = some(step.cancel);
            if (call?.cancel() === true) model.splice(model.indexOf(call), 1);
          } else {
            some(step.reset)?.reset(step.to);
          }
          expect(queue.first).to.equal(first());
          expect(queue.countDue(4)).to.equal(model.filter(({ time }) => time <= 4).length);
        }
        expect(queue.listed).to.equal(model.length);
      }),
    );
  });
});
