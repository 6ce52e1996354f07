import { expect } from "chai";
import * as fc from "fast-check";
import type { Deferred } from "../../lib/defer/deferred.ts";
import { DeferredSemaphore } from "../../lib/defer/deferred-semaphore.ts";
import { behavesLikeOneToken } from "../contracts/one-token.ts";

describe("defer/deferred-semaphore", () => {
  describe("with one token", () => behavesLikeOneToken(() => new DeferredSemaphore(1)));

  for (const tokens of [0, -1, 1.5, NaN, Infinity]) {
    it(`refuses ${tokens} tokens`, () => {
      expect(() => new DeferredSemaphore(tokens)).to.throw(RangeError, String(tokens));
    });
  }

  it("tells its tokens and its limit", () => {
    const semaphore = new DeferredSemaphore(2);
    semaphore.acquire();
    expect([semaphore.tokens, semaphore.limit, semaphore.waiting]).to.deep.equal([1, 2, 0]);
    semaphore.acquire();
    semaphore.acquire();
    expect([semaphore.tokens, semaphore.limit, semaphore.waiting]).to.deep.equal([0, 2, 1]);
  });

  it("never gives out more than it has, and forgets nobody, whatever happens", () => {
    const Act = fc.oneof(
      fc.constant("acquire" as const),
      fc.constant("release" as const),
      fc.record({ cancel: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(Act), (limit, acts) => {
        const semaphore = new DeferredSemaphore(limit);
        const waiting: { name: number; deferred: Deferred<unknown> }[] = [];
        const given: number[] = [];
        const expected: number[] = [];
        let held = 0;
        for (const [name, act] of acts.entries()) {
          if (act === "acquire") {
            const deferred = semaphore.acquire();
            deferred.addCallbacks(
              () => given.push(name),
              () => undefined,
            );
            if (held < limit) {
              held += 1;
              expected.push(name);
            } else {
              waiting.push({ name, deferred });
            }
          } else if (act === "release") {
            if (held === 0) continue;
            semaphore.release();
            const next = waiting.shift();
            if (next === undefined) held -= 1;
            else expected.push(next.name);
          } else if (waiting.length > 0) {
            waiting.splice(act.cancel % waiting.length, 1)[0]?.deferred.cancel();
          }
          expect(given).to.deep.equal(expected);
          expect([semaphore.tokens, semaphore.waiting]).to.deep.equal([
            limit - held,
            waiting.length,
          ]);
        }
      }),
    );
  });
});
