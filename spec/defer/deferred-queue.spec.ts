import { expect } from "chai";
import { DeferredQueue, QueueOverflow, QueueUnderflow } from "../../lib/defer/deferred-queue.ts";
import { CancelledError } from "../../lib/defer/errors.ts";
import { outcomeOf } from "../support/outcome.ts";

describe("defer/deferred-queue", () => {
  it("keeps what is put until somebody gets it, oldest first", () => {
    const queue = new DeferredQueue<string>();
    queue.put("a");
    queue.put("b");
    expect(queue.pending).to.deep.equal(["a", "b"]);
    expect(outcomeOf(queue.get()).value).to.equal("a");
    expect(outcomeOf(queue.get()).value).to.equal("b");
    expect(queue.pending).to.deep.equal([]);
  });

  it("gives what is put to the one who has waited longest, at once", () => {
    const queue = new DeferredQueue<string>();
    const outcomes = [outcomeOf(queue.get()), outcomeOf(queue.get())];
    expect(queue.waiting).to.equal(2);
    queue.put("a");
    expect(outcomes.map(({ value }) => value)).to.deep.equal(["a", undefined]);
    queue.put("b");
    expect(outcomes.map(({ value }) => value)).to.deep.equal(["a", "b"]);
    expect([queue.waiting, queue.pending.length]).to.deep.equal([0, 0]);
  });

  it("hands on undefined too", () => {
    const queue = new DeferredQueue<undefined>();
    queue.put(undefined);
    expect(outcomeOf(queue.get())).to.deep.equal({ state: "result", value: undefined });
  });

  it("passes over one who has cancelled", () => {
    const queue = new DeferredQueue<string>();
    const first = queue.get();
    const outcome = outcomeOf(first);
    const second = outcomeOf(queue.get());
    first.cancel();
    expect(outcome.value).to.be.instanceOf(CancelledError);
    expect(queue.waiting).to.equal(1);
    queue.put("a");
    expect(second.value).to.equal("a");
  });

  for (const size of [0, 1, 2]) {
    it(`takes ${size} objects, and throws QueueOverflow for one more`, () => {
      const queue = new DeferredQueue<number>({ size });
      for (let count = 0; count < size; count += 1) queue.put(count);
      expect(() => queue.put(size)).to.throw(QueueOverflow, `${size} objects`);
      expect(queue.pending).to.have.length(size);
    });

    it(`lets ${size} wait, and throws QueueUnderflow for one more`, () => {
      const queue = new DeferredQueue<number>({ backlog: size });
      const outcomes = Array.from({ length: size }, () => outcomeOf(queue.get()));
      expect(() => queue.get()).to.throw(QueueUnderflow, `wait the ${size}`);
      for (let count = 0; count < size; count += 1) queue.put(count);
      expect(outcomes.map(({ state }) => state)).to.deep.equal(outcomes.map(() => "result"));
    });
  }

  it("has no bounds of its own", () => {
    const queue = new DeferredQueue<number>();
    for (let count = 0; count < 1_000; count += 1) queue.put(count);
    expect(queue.pending).to.have.length(1_000);
  });
});
