import { expect } from "chai";
import { DeferredLock } from "../../lib/defer/deferred-lock.ts";
import { behavesLikeOneToken } from "../contracts/one-token.ts";

describe("defer/deferred-lock", () => {
  behavesLikeOneToken(() => new DeferredLock());

  it("says whether it is locked", () => {
    const lock = new DeferredLock();
    expect(lock.locked).to.equal(false);
    lock.acquire();
    expect(lock.locked).to.equal(true);
    lock.release();
    expect(lock.locked).to.equal(false);
  });
});
