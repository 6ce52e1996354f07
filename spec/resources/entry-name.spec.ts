import { expect } from "chai";
import { isEntryName, isScriptSource } from "../../lib/resources/entry-name.ts";

const SOURCES = [
  "a.resource.ts",
  "a.resource.js",
  "a.resource.mjs",
  ".resource.ts",
  "A.Resource.TS",
  "a.resource.ts~",
  "a.resource.ts.bak",
  "a.resource.ts.gz",
  "a.resource.ts ",
  "a.resource.ts::$DATA",
  "#a.resource.js#",
];
const OTHERS = [
  "a.ts",
  "a.resource",
  "a.resource.tsx",
  "a.resource.json",
  "aresource.ts",
  "resource.ts",
  "a.resource.mts",
  "",
];

describe("resources/entry-name", () => {
  for (const name of SOURCES) {
    it(`${JSON.stringify(name)} is the source of a script`, () => {
      expect(isScriptSource(name)).to.equal(true);
    });
  }

  for (const name of OTHERS) {
    it(`${JSON.stringify(name)} is not the source of a script`, () => {
      expect(isScriptSource(name)).to.equal(false);
    });
  }

  it("looks for visible, safe names only", () => {
    expect(["a", "a.b", "ä b", ".well-known"].filter(isEntryName)).to.have.length(4);
    expect(
      ["", ".", "..", ".git", "a/b", "a\\b", "a.", "a ", "a\0", "c:"].filter(isEntryName),
    ).to.deep.equal([]);
  });
});
