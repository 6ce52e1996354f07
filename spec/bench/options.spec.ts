import { expect } from "chai";
import { parseOptions } from "../../bench/options.ts";

describe("bench/options", () => {
  it("reads lists and numbers", () => {
    const args = ["--only", "hello,tree", "--peers=fastify", "--seconds", "0.5", "--rounds", "2"];
    expect(parseOptions(args)).to.include({ seconds: 0.5, rounds: 2, growth: false });
    expect(parseOptions(args).only).to.deep.equal(["hello", "tree"]);
    expect(parseOptions(args).peers).to.deep.equal(["fastify"]);
  });

  it("measures everything for five rounds of three seconds when nothing is said", () => {
    expect(parseOptions([])).to.deep.include({
      only: [],
      peers: [],
      again: [],
      seconds: 3,
      rounds: 5,
    });
  });

  for (const args of [["--seconds", "0"], ["--rounds", "many"], ["--seconds=-1"], ["--what"]]) {
    it(`refuses ${args.join(" ")}`, () => {
      expect(() => parseOptions(args)).to.throw();
    });
  }
});
