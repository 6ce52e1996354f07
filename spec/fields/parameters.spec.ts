import { expect } from "chai";
import * as fc from "fast-check";
import { parseParameters, quote } from "../../lib/fields/parameters.ts";

describe("fields/parameters", () => {
  it("has none in nothing", () => {
    expect(parseParameters("")?.size).to.equal(0);
  });

  it("reads tokens and quoted strings", () => {
    const parameters = parseParameters('; A=b ;c="d\\"\\\\e; f" ; ;');
    expect([...(parameters ?? [])]).to.deep.equal([
      ["a", "b"],
      ["c", 'd"\\e; f'],
    ]);
  });

  for (const bad of [
    "a=b",
    ";a",
    ";a=",
    ';a="',
    ";a=b;a=c",
    ";a=b c",
    ";=b",
    "; a=\u0100",
    " ;a=b",
  ]) {
    it(`finds ${JSON.stringify(bad)} odd`, () => {
      expect(parseParameters(bad)).to.be.undefined;
    });
  }

  it("reads back any text that it can quote", () => {
    const unit = fc.constantFrom(...'ab "\\;=,\té\u00ff'.split(""));
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        expect(parseParameters(`;a=${quote(text)}`)?.get("a")).to.equal(text);
      }),
    );
  });

  for (const text of ["\r\n", "\0", "\x7f", "中"]) {
    it(`does not quote ${JSON.stringify(text)}`, () => {
      expect(() => quote(text)).to.throw(TypeError);
    });
  }
});
