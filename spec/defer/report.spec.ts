import { expect } from "chai";
import { stub } from "sinon";
import { reportError, setReporter } from "../../lib/defer/report.ts";

/** What is written to standard error while `act` runs. */
function written(act: () => void): unknown[][] {
  const previous = setReporter();
  const error = stub(console, "error");
  try {
    act();
    return error.args;
  } finally {
    error.restore();
    setReporter(previous);
  }
}

describe("defer/report", () => {
  it("writes to standard error, and says what threw", () => {
    const error = new Error("lost");
    const lines = written(() => {
      reportError(error, "a delayed call");
    });
    expect(lines).to.deep.equal([["weftline: error in a delayed call:", error]]);
  });

  it("goes to the reporter that was set, and back to the one before", () => {
    const lines = written(() => {
      const seen: unknown[][] = [];
      const first = setReporter((...what) => seen.push(what));
      reportError("a", "x");
      setReporter(first);
      reportError("b", "y");
      expect(seen).to.deep.equal([["a", "x"]]);
    });
    expect(lines).to.deep.equal([["weftline: error in y:", "b"]]);
  });

  it("never throws: when the reporter does, both errors are written", () => {
    const failure = new Error("reporter");
    const lines = written(() => {
      setReporter(() => {
        throw failure;
      });
      reportError("lost", "x");
    });
    expect(lines).to.deep.equal([
      ["weftline: error in x:", "lost"],
      ["weftline: error in the reporter of errors:", failure],
    ]);
  });
});
