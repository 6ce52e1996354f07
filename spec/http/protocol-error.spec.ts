import { expect } from "chai";
import { ProtocolError } from "../../lib/http/protocol-error.ts";

describe("http/protocol-error", () => {
  it("says who is to blame, what to answer and what it came from", () => {
    const cause = new Error("cause");
    const error = new ProtocolError("remote", "too long", 414, { cause });
    expect(error).to.include({ name: "ProtocolError", blame: "remote", status: 414, cause });
    expect(error.message).to.equal("too long");
  });

  it("is answered 400 where the peer is to blame and nothing else is said, else 500", () => {
    expect(new ProtocolError("remote", "x").status).to.equal(400);
    expect(new ProtocolError("local", "x").status).to.equal(500);
  });
});
