import { expect } from "chai";
import { logTo } from "../../lib/web/log.ts";

describe("web/log", () => {
  it("hands on warnings and errors, a line each, and nothing else", () => {
    const lines: string[] = [];
    const log = logTo((line) => lines.push(line));
    log.debug({}, "debug");
    log.info({}, "info");
    log.warn({}, "careful");
    log.error({ id: "1", path: "/a" }, "wrong");
    expect(lines).to.deep.equal(["warning: careful", "error: wrong { id: '1', path: '/a' }"]);
  });

  it("shows the trace of what was thrown, below", () => {
    const lines: string[] = [];
    const log = logTo((line) => lines.push(line));
    log.error({ id: "1", err: new Error("boom") }, "wrong");
    log.warn({ err: "a text" }, "odd");
    expect(lines[0]).to.match(/^error: wrong \{ id: '1' \}\nError: boom\n {4}at /);
    expect(lines[1]).to.equal("warning: odd\n'a text'");
  });

  it("escapes and caps what a client may have sent (E3)", () => {
    const lines: string[] = [];
    logTo((line) => lines.push(line)).warn({ path: `/\u001b[31m\n${"x".repeat(5_000)}` }, "odd");
    expect(lines[0]).to.match(/^[ -~]*$/);
    expect(lines[0]).to.have.lengthOf.below(1_200);
  });
});
