import { expect } from "chai";
import * as fc from "fast-check";
import { MAX_JSON_DEPTH, parseJson } from "../../lib/fields/json.ts";
import { ProtocolError } from "../../lib/http/protocol-error.ts";

function parse(text: string): unknown {
  return parseJson(Buffer.from(text));
}

describe("fields/json", () => {
  for (const text of [
    "0",
    "null",
    '"a"',
    "[]",
    '{"a":[1,{"b":null}]}',
    " [1] ",
    '{"constructor":1}',
  ]) {
    it(`reads ${text}`, () => expect(parse(text)).to.deep.equal(JSON.parse(text)));
  }

  it("reads any value that was written", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!text.includes("__proto__"));
        expect(parse(text)).to.deep.equal(JSON.parse(text));
      }),
    );
  });

  it("leaves out a byte order mark", () => {
    expect(parse("\ufeff[1]")).to.deep.equal([1]);
  });

  const BAD = ["", " ", "{", "[1,]", "{a:1}", "NaN", "1 2", "'a'", '{"a":1', "undefined", '"\n"'];
  for (const text of BAD) {
    it(`refuses ${JSON.stringify(text)} with 400`, () => {
      expect(() => parse(text))
        .to.throw(ProtocolError)
        .that.includes({ blame: "remote", status: 400 });
    });
  }

  it("refuses what is not UTF-8 with 400", () => {
    expect(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22))).to.throw(ProtocolError, "UTF-8");
  });

  for (const text of ['{"__proto__":1}', '[[{"a":{"__proto__":{}}}]]', '{"\\u005f_proto__":1}']) {
    it(`refuses ${text}`, () => {
      expect(() => parse(text)).to.throw(ProtocolError, "__proto__");
      expect(Object.keys(Object.prototype)).to.deep.equal([]);
    });
  }

  it("takes __proto__ as a value", () => {
    expect(parse('["__proto__"]')).to.deep.equal(["__proto__"]);
  });

  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
  ] as const) {
    it(`takes ${open} as deep as allowed, and refuses one more`, () => {
      parse(nested(open, close, MAX_JSON_DEPTH - 1));
      parse(nested(open, close, MAX_JSON_DEPTH));
      expect(() => parse(nested(open, close, MAX_JSON_DEPTH + 1))).to.throw(ProtocolError, "deep");
    });
  }

  it("refuses a body of a hundred thousand brackets", () => {
    expect(() => parse("[".repeat(100_000) + "]".repeat(100_000))).to.throw(ProtocolError, "deep");
    expect(() => parse("[".repeat(100_000))).to.throw(ProtocolError, "not JSON");
  });
});

function nested(open: string, close: string, levels: number): string {
  return `${open.repeat(levels)}1${close.repeat(levels)}`;
}
