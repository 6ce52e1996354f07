import { expect } from "chai";
import { between } from "../../bench/markers.ts";

describe("bench/markers", () => {
  const PAGE = "before\n<!-- bench: a -->\nold\n<!-- bench: end of a -->\nafter\n";

  it("replaces what stands between its markers, and nothing else", () => {
    const once = between(PAGE, "a", "new");
    expect(once).to.equal("before\n<!-- bench: a -->\n\nnew\n\n<!-- bench: end of a -->\nafter\n");
    expect(between(once, "a", "new")).to.equal(once);
  });

  it("refuses a text without its markers", () => {
    expect(() => between(PAGE, "b", "new")).to.throw("<!-- bench: b -->");
  });
});
