import { expect } from "chai";
import { DEFAULT_PAIR_LIMITS, parsePairs } from "../../lib/fields/urlencoded.ts";
import { ProtocolError } from "../../lib/http/protocol-error.ts";

const { pairs, nameBytes, valueBytes } = DEFAULT_PAIR_LIMITS;

function parse(text: string): unknown {
  return parsePairs(text, DEFAULT_PAIR_LIMITS, 413);
}

describe("fields/urlencoded", () => {
  const TEXTS: readonly [text: string, pairs: readonly [string, string][]][] = [
    ["", []],
    ["&&", []],
    ["=", [["", ""]]],
    ["=x", [["", "x"]]],
    ["a", [["a", ""]]],
    ["a=b=c", [["a", "b=c"]]],
    [
      "a&b=1",
      [
        ["a", ""],
        ["b", "1"],
      ],
    ],
    [
      "a=1&&b=2&",
      [
        ["a", "1"],
        ["b", "2"],
      ],
    ],
    ["a+b=%2B+", [["a b", "+ "]]],
    ["n%C3%A9=%F0%9F%8C%8D", [["né", "🌍"]]],
    ["né=🌍", [["né", "🌍"]]],
    ["a=%00", [["a", "\0"]]],
    ["a[__proto__][x]=1", [["a[__proto__][x]", "1"]]],
    ["a;b", [["a;b", ""]]],
  ];
  for (const [text, expected] of TEXTS) {
    it(`reads ${JSON.stringify(text)}`, () => {
      expect(parse(text)).to.deep.equal(expected);
    });
  }

  for (const bad of ["%", "a=%", "a=%4", "a=%zz", "%ff", "a=%ed%a0%80", "a=%c3&a=%a9"]) {
    it(`refuses ${bad} with 400`, () => {
      expect(() => parse(bad))
        .to.throw(ProtocolError)
        .that.includes({ status: 400 });
    });
  }

  const AT_LIMITS: readonly [what: string, make: (more: number) => string][] = [
    ["pairs", (more) => "a&".repeat(pairs + more)],
    ["empty pieces", (more) => "&".repeat(pairs + more)],
    ["bytes in a name", (more) => "n".repeat(nameBytes + more)],
    [
      "bytes in a name, which are fewer letters",
      (more) => "é".repeat(nameBytes / 2) + "n".repeat(Math.max(more, 0)),
    ],
    ["bytes in a value", (more) => `a=${"v".repeat(valueBytes + more)}`],
    ["bytes in a value, decoded", (more) => `a=${"%76".repeat(valueBytes + more)}`],
  ];
  for (const [what, make] of AT_LIMITS) {
    it(`takes as many ${what} as allowed, and refuses one more with 413`, () => {
      parse(make(-1));
      parse(make(0));
      expect(() => parse(make(1)))
        .to.throw(ProtocolError, "more than")
        .that.includes({ status: 413 });
    });
  }

  it("refuses a million pairs", () => {
    const text = Buffer.alloc(2_000_000, "a&").toString();
    expect(() => parse(text)).to.throw(ProtocolError);
  });
});
