import { expect } from "chai";
import * as fc from "fast-check";
import {
  decodeSegment,
  encodeSegment,
  isHiddenSegment,
  isSafeSegment,
  pathOf,
  queryOf,
  splitPath,
} from "../../lib/fields/path.ts";
import { ProtocolError } from "../../lib/http/protocol-error.ts";
import { anyCharacter } from "../support/any-character.ts";

describe("fields/path", () => {
  const PATHS: readonly [path: string, segments: readonly string[]][] = [
    ["/", [""]],
    ["//", ["", ""]],
    ["/a", ["a"]],
    ["/a/", ["a", ""]],
    ["/a//b", ["a", "", "b"]],
    ["/a/b?c/d", ["a", "b"]],
    ["/?", [""]],
    ["/a%2Fb/c", ["a/b", "c"]],
    ["/%252F", ["%2F"]],
    ["/%e4%b8%ad", ["中"]],
    ["/%F0%9F%8C%8D", ["🌍"]],
    ["/a+b", ["a+b"]],
    ["/a%20b?%zz", ["a b"]],
    ["/../.%2e/%00", ["..", "..", "\0"]],
    ["/a;b=c", ["a;b=c"]],
    ["*", []],
    ["example.com:443", []],
    ["", []],
  ];
  for (const [path, segments] of PATHS) {
    it(`splits ${path} into ${JSON.stringify(segments)}`, () => {
      expect(splitPath(path)).to.deep.equal(segments);
    });
  }

  // Truncated, not hexadecimal, lone continuation, overlong, surrogate, past U+10FFFF, cut by a slash.
  for (const bad of ["%", "%2", "%zz", "%ff", "%c0%af", "%ed%a0%80", "%f4%90%80%80", "%c3/%a9"]) {
    it(`refuses /a/${bad} with 400`, () => {
      expect(() => splitPath(`/a/${bad}`))
        .to.throw(ProtocolError)
        .that.includes({ blame: "remote", status: 400 });
    });
  }

  it("decodes a segment once", () => {
    expect(decodeSegment("a")).to.equal("a");
    expect(decodeSegment("%2541")).to.equal("%41");
  });

  it("splits what was encoded and joined into the same segments", () => {
    const segments = fc.array(fc.string({ unit: anyCharacter }), { minLength: 1 });
    fc.assert(
      fc.property(segments, (list) => {
        expect(splitPath(`/${list.map(encodeSegment).join("/")}`)).to.deep.equal(list);
      }),
    );
  });

  it("splits any text or refuses it with 400", () => {
    const text = fc.string({ unit: fc.constantFrom(..."%/?aAfF09cC".split("")) });
    fc.assert(
      fc.property(text, (path) => {
        try {
          splitPath(`/${path}`);
        } catch (error) {
          expect(error).to.be.instanceOf(ProtocolError);
        }
      }),
    );
  });

  const TARGETS: readonly [target: string, path: string, query: string][] = [
    ["/a", "/a", ""],
    ["/a?", "/a", ""],
    ["/a?b=c", "/a", "b=c"],
    ["/a?b?c", "/a", "b?c"],
    ["?", "", ""],
    ["*", "*", ""],
  ];
  for (const [target, path, query] of TARGETS) {
    it(`takes ${target} apart into ${path} and ${JSON.stringify(query)}`, () => {
      expect([pathOf(target), queryOf(target)]).to.deep.equal([path, query]);
    });
  }

  const UNSAFE = [
    ..."|.|..|...|. .|a.|a |a. |/|a/b|\\|a\\b|\0|a\0b|\t|a\nb|\x7f|a\x85|C:|c:\\x|C:x|a::$DATA|a:b".split(
      "|",
    ),
    "",
    " ",
  ];
  for (const segment of UNSAFE) {
    it(`finds ${JSON.stringify(segment)} unsafe`, () => {
      expect(isSafeSegment(segment)).to.be.false;
    });
  }

  for (const segment of [
    "a",
    ".a",
    "..a",
    "a..b",
    "a b",
    " a",
    "~",
    "-",
    "中",
    "a%2f",
    "…",
    "CON",
  ]) {
    it(`finds ${JSON.stringify(segment)} safe`, () => {
      expect(isSafeSegment(segment)).to.be.true;
    });
  }

  for (const [segment, hidden] of [
    [".env", true],
    [".git", true],
    [".", true],
    [".well-known", false],
    [".well-known2", true],
    ["a.b", false],
    ["", false],
  ] as const) {
    it(`finds ${JSON.stringify(segment)} ${hidden ? "hidden" : "visible"}`, () => {
      expect(isHiddenSegment(segment)).to.equal(hidden);
    });
  }
});
