import { expect } from "chai";
import { ExplorationReport } from "../../lib/testing/exploration-report.ts";

function seen(
  problem: string,
  when: string,
): { problem: string; when: string; reproduction: string } {
  return { problem, when, reproduction: `again(${when})` };
}

describe("testing/exploration-report", () => {
  it("is clean where nothing was seen", () => {
    const report = new ExplorationReport(["a step"], 3, []);
    expect(report.assertClean()).to.equal(undefined);
    expect(report).to.deep.include({ steps: ["a step"], runs: 3, findings: [] });
  });

  it("has each problem once, as it was first seen, whatever the times in it", () => {
    const report = new ExplorationReport([], 9, [
      seen("left: a call, due at 10 ms", "A"),
      seen("left: a lock", "B"),
      seen("left: a call, due at 20.5 ms", "C"),
    ]);
    expect(report.findings).to.deep.equal([
      { ...seen("left: a call, due at 10 ms", "A"), runs: 2 },
      { ...seen("left: a lock", "B"), runs: 1 },
    ]);
  });

  it("tells them in words", () => {
    const report = new ExplorationReport([], 9, [seen("x", "A"), seen("x", "B"), seen("y", "C")]);
    expect(() => report.assertClean()).to.throw(
      [
        "the exploration has found:",
        "1. x",
        "   when A, and in 1 more of 9 runs",
        "   again: again(A)",
        "2. y",
        "   when C",
        "   again: again(C)",
      ].join("\n"),
    );
  });
});
