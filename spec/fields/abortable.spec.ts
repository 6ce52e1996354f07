import { expect } from "chai";
import { abortable } from "../../lib/fields/abortable.ts";

async function collect<T>(source: AsyncIterable<T>, into: T[]): Promise<unknown> {
  try {
    for await (const one of source) into.push(one);
    return "ended";
  } catch (error) {
    return error;
  }
}

/** Numbers for ever, or a wait for ever after some; notes when it is told to stop. */
function numbers(before = Infinity): AsyncIterable<number> & { stopped: number } {
  return {
    stopped: 0,
    [Symbol.asyncIterator]() {
      let next = 0;
      return {
        next: () =>
          next < before
            ? Promise.resolve({ done: false, value: next++ })
            : new Promise<IteratorResult<number>>(() => undefined),
        return: () => {
          this.stopped++;
          return Promise.reject(new Error("nobody wants to know"));
        },
      };
    },
  };
}

describe("fields/abortable", () => {
  it("gives what the source gives, to its end", async () => {
    const got: number[] = [];
    const { signal } = new AbortController();
    const source = (async function* () {
      yield* [1, 2, 3];
    })();
    expect(await collect(abortable(source, signal), got)).to.equal("ended");
    expect(got).to.deep.equal([1, 2, 3]);
  });

  it("throws what the source throws", async () => {
    const failure = new Error("source");
    const source = (async function* () {
      yield 1;
      throw failure;
    })();
    expect(await collect(abortable(source, new AbortController().signal), [])).to.equal(failure);
  });

  it("ends with the reason while the source has nothing to give, and tells it to stop", async () => {
    const controller = new AbortController();
    const [source, got, reason] = [numbers(2), [] as number[], new Error("reason")];
    const ended = collect(abortable(source, controller.signal), got);
    setImmediate(() => controller.abort(reason));
    expect(await ended).to.equal(reason);
    expect(got).to.deep.equal([0, 1]);
    expect(source.stopped).to.equal(1);
  });

  it("does not begin when the signal has aborted before", async () => {
    const [source, reason] = [numbers(), new Error("reason")];
    const got: number[] = [];
    expect(await collect(abortable(source, AbortSignal.abort(reason)), got)).to.equal(reason);
    expect(got).to.deep.equal([]);
  });

  it("tells the source to stop when nobody wants more, and minds a later abort no longer", async () => {
    const controller = new AbortController();
    const source = numbers();
    for await (const _ of abortable(source, controller.signal)) break;
    expect(source.stopped).to.equal(1);
    controller.abort(new Error("too late"));
  });

  it("takes a source that cannot be told", async () => {
    const once: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: false, value: 1 }) }),
    };
    for await (const one of abortable(once, new AbortController().signal)) {
      expect(one).to.equal(1);
      break;
    }
  });
});
