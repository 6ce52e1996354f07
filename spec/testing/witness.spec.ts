import { expect } from "chai";
import { errorInWords } from "../../lib/testing/witness.ts";

describe("testing/witness", () => {
  it("says what an error is and where it arose", () => {
    expect(errorInWords(new RangeError("too far"))).to.match(
      /^RangeError: too far \(at .*witness\.spec\.ts:\d+:\d+\)?\)$/,
    );
  });

  it("says what an error without frames is, and what another value is", () => {
    const bare = new Error("bare");
    bare.stack = "Error: bare";
    expect(errorInWords(bare)).to.equal("Error: bare");
    expect(errorInWords({ a: 1 })).to.equal("{ a: 1 }");
  });
});
