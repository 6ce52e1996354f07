import { expect } from "chai";
import { openFileLimit, openFilesIn, SpareDescriptor } from "../../lib/transport/open-files.ts";

describe("transport/open-files", () => {
  it("knows the limit of this process", () => {
    expect(openFileLimit()).to.be.above(16);
    expect(openFileLimit()).to.equal(openFileLimit());
  });

  it("reads the limit in force, which is the first of the two", () => {
    const text = "Limit  Soft Limit  Hard Limit  Units\nMax open files     60     4096     files\n";
    expect(openFilesIn(text)).to.equal(60);
  });

  for (const text of ["", "Max open files     unlimited     unlimited     files\n"]) {
    it(`takes ${JSON.stringify(text)} for no limit`, () => {
      expect(openFilesIn(text)).to.equal(Number.POSITIVE_INFINITY);
    });
  }

  it("lends a descriptor until it is taken back", () => {
    const spare = new SpareDescriptor();
    expect(spare.isLent).to.equal(false);
    spare.giveUp();
    spare.giveUp();
    expect(spare.isLent).to.equal(true);
    spare.takeBack();
    spare.takeBack();
    expect(spare.isLent).to.equal(false);
    spare.close();
    spare.close();
    expect(spare.isLent).to.equal(false);
  });
});
