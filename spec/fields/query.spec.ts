import { expect } from "chai";
import * as fc from "fast-check";
import { parseQuery } from "../../lib/fields/query.ts";
import { parsePairs } from "../../lib/fields/urlencoded.ts";
import { ProtocolError } from "../../lib/http/protocol-error.ts";

const LIMITS = { pairs: 3, nameBytes: 2, valueBytes: 4 };

describe("fields/query", () => {
  const QUERIES: readonly [query: string, pairs: readonly [string, string][]][] = [
    ["", []],
    ["a=1", [["a", "1"]]],
    ["?a=1", [["?a", "1"]]],
    [
      "a=1&a=2",
      [
        ["a", "1"],
        ["a", "2"],
      ],
    ],
    ["flag", [["flag", ""]]],
    ["a=1;b=2", [["a", "1;b=2"]]],
    ["a[b]=1", [["a[b]", "1"]]],
    ["a%20b=c+d", [["a b", "c d"]]],
    ["__proto__=x", [["__proto__", "x"]]],
  ];
  for (const [query, pairs] of QUERIES) {
    it(`reads ${JSON.stringify(query)}`, () => {
      expect([...parseQuery(query)]).to.deep.equal(pairs);
    });
  }

  for (const bad of ["%", "a=%zz", "%ff=1", "a=1&b=%c3&%a9", "a&b&c&d", "abc", "a=12345"]) {
    it(`refuses ${bad} with 400`, () => {
      expect(() => parseQuery(bad, LIMITS))
        .to.throw(ProtocolError)
        .that.includes({ blame: "remote", status: 400 });
    });
  }

  it("agrees with the pairs of a form, for any text that is accepted", () => {
    const text = fc.string({ unit: fc.constantFrom(..."ab%=&+?;25cC3aA9\ufeffé".split("")) });
    fc.assert(
      fc.property(text, (query) => {
        fc.pre(isAccepted(query));
        const pairs = parsePairs(query, { pairs: 1_000, nameBytes: 256, valueBytes: 65_536 }, 400);
        expect([...parseQuery(query)]).to.deep.equal(pairs);
      }),
    );
  });
});

function isAccepted(query: string): boolean {
  try {
    parseQuery(query);
    return true;
  } catch {
    return false;
  }
}
