import { expect } from "chai";
import { soak } from "./soak.ts";

describe("soak", function soaking() {
  this.timeout(60_000);
  this.slow(10_000);

  it("gives no wrong answer beside rude clients, and leaves nothing behind (a moment of `npm run soak`)", async () => {
    const report = await soak({ seconds: 1, seed: 1 });
    expect(report.wrong).to.deep.equal([]);
    expect(report.errors).to.equal("");
    expect(report.pending).to.equal(0);
    expect(report.descriptorsAfter).to.be.at.most(report.descriptorsBefore);
    expect(report.answers).to.be.greaterThan(0);
    expect(report.rudenesses).to.be.greaterThan(0);
  });
});
