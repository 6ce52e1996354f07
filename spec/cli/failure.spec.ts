import { expect } from "chai";
import { Failure, messageOf, misuse } from "../../lib/cli/failure.ts";

describe("cli/failure", () => {
  it("tells what could not be done from what was asked in a wrong way", () => {
    expect(new Failure("no such folder").exitCode).to.equal(1);
    expect(misuse("no such option").exitCode).to.equal(2);
  });

  it("finds a message in whatever was thrown", () => {
    expect(messageOf(new RangeError("too far"))).to.equal("too far");
    expect(messageOf("text")).to.equal("text");
  });
});
