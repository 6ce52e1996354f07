import { expect } from "chai";
import { sameSecret } from "../../lib/fields/secrets.ts";

describe("fields/secrets", () => {
  for (const [one, other, same] of [
    ["a", "a", true],
    ["", "", true],
    ["a", "b", false],
    ["a", "aa", false],
    ["é", "e\u0301", false],
  ] as const) {
    it(`finds ${JSON.stringify(one)} and ${JSON.stringify(other)} ${same ? "the same" : "different"}`, () => {
      expect(sameSecret(one, other)).to.equal(same);
    });
  }
});
