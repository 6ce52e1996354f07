import { expect } from "chai";
import { DEFAULT_NONCE_LIMITS, Nonces } from "../../lib/fields/nonces.ts";
import { mutations } from "../support/mutations.ts";

const { lifeMs } = DEFAULT_NONCE_LIMITS;

describe("fields/nonces", () => {
  it("issues a nonce that can be used again and again, its count rising", () => {
    const nonces = new Nonces();
    const nonce = nonces.issue(1_000);
    expect(nonces.use(nonce, 1, 1_000)).to.equal("fresh");
    expect(nonces.use(nonce, 2, 1_500)).to.equal("fresh");
    expect(nonces.use(nonce, 7, 1_500)).to.equal("fresh");
  });

  for (const count of [1, 4, 5]) {
    it(`finds the count ${count} after 5 stale`, () => {
      const nonces = new Nonces();
      const nonce = nonces.issue(0);
      nonces.use(nonce, 5, 0);
      expect(nonces.use(nonce, count, 0)).to.equal("stale");
      expect(nonces.use(nonce, 6, 0)).to.equal("fresh");
    });
  }

  it("takes a count of 0 for stale", () => {
    const nonces = new Nonces();
    expect(nonces.use(nonces.issue(0), 0, 0)).to.equal("stale");
  });

  it("ends the life of a nonce, used or not", () => {
    const nonces = new Nonces();
    const [one, other] = [nonces.issue(1_000), nonces.issue(1_000)];
    expect(nonces.use(one, 1, 1_000 + lifeMs - 1)).to.equal("fresh");
    expect(nonces.use(one, 2, 1_000 + lifeMs)).to.equal("fresh");
    expect(nonces.use(one, 3, 1_001 + lifeMs)).to.equal("stale");
    expect(nonces.use(other, 1, 1_001 + lifeMs)).to.equal("stale");
  });

  it("does not know the nonce of another, nor one from the future", () => {
    const nonces = new Nonces();
    expect(nonces.use(new Nonces().issue(0), 1, 0)).to.equal("forged");
    expect(nonces.use(nonces.issue(10), 1, 9)).to.equal("forged");
    expect(nonces.use("", 1, 0)).to.equal("forged");
    expect(nonces.use("!".repeat(nonces.issue(0).length), 1, 0)).to.equal("forged");
  });

  it("never takes a changed nonce", () => {
    const nonces = new Nonces();
    const nonce = nonces.issue(0);
    for (const text of mutations([nonce], 1_000)) {
      if (text !== nonce) expect(nonces.use(text, 1, 0), text).to.equal("forged");
    }
  });

  it("forgets the oldest past what is kept, and then takes it for stale", () => {
    const nonces = new Nonces({ kept: 2 });
    const [first, second, third, unused] = [0, 1, 2, 0].map((time) => nonces.issue(time));
    if (first === undefined || second === undefined || third === undefined || unused === undefined)
      return;
    expect(nonces.use(first, 1, 5)).to.equal("fresh");
    expect(nonces.use(second, 1, 5)).to.equal("fresh");
    expect(nonces.use(third, 1, 5)).to.equal("fresh");
    expect(nonces.use(first, 2, 5)).to.equal("stale");
    expect(nonces.use(unused, 1, 5)).to.equal("stale");
    expect(nonces.use(second, 2, 5)).to.equal("fresh");
    expect(nonces.use(nonces.issue(6), 1, 6)).to.equal("fresh");
  });

  it("issues no nonce twice", () => {
    const nonces = new Nonces();
    expect(new Set(Array.from({ length: 1_000 }, () => nonces.issue(0))).size).to.equal(1_000);
    expect(nonces.opaque).not.to.equal(new Nonces().opaque);
  });
});
