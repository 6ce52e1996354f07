import { expect } from "chai";
import { median, spread } from "../../bench/statistics.ts";

describe("bench/statistics", () => {
  const CASES: readonly [values: readonly number[], median: number, spread: number][] = [
    [[5], 5, 0],
    [[3, 1, 2], 2, 0.5],
    [[4, 1, 3, 2], 2.5, 0.6],
    [[10, 1, 100], 10, 4.95],
  ];
  for (const [values, middle, apart] of CASES) {
    it(`the median of ${values.join(", ")} is ${middle}, and they lie ${apart} of it apart`, () => {
      expect(median(values)).to.equal(middle);
      expect(spread(values)).to.equal(apart);
    });
  }

  it("has no median of nothing", () => {
    expect(median([])).to.be.NaN;
  });
});
