import { expect } from "chai";
import * as fc from "fast-check";
import {
  entityTag,
  isEntityTag,
  parseEntityTags,
  strongMatch,
  weakMatch,
} from "../../lib/fields/etag.ts";

describe("fields/etag", () => {
  for (const tag of ['""', '"a"', 'W/"a"', '"a,b"', '"W/"', '"é"', '"!"', '"\\"']) {
    it(`finds ${tag} to be an entity tag`, () => expect(isEntityTag(tag)).to.be.true);
  }
  for (const tag of [
    "",
    "a",
    '"a',
    'a"',
    'w/"a"',
    'W/ "a"',
    '"a b"',
    '"a"b"',
    '"\n"',
    '"中"',
    '"a" ',
    "*",
  ]) {
    it(`finds ${JSON.stringify(tag)} to be none`, () => expect(isEntityTag(tag)).to.be.false);
  }

  it("puts a text into quotes, or refuses it", () => {
    expect(entityTag("a")).to.equal('"a"');
    expect(entityTag("a", true)).to.equal('W/"a"');
    for (const bad of ['a"', "a b", "a\r\n", "中"])
      expect(() => entityTag(bad)).to.throw(TypeError);
  });

  const LISTS: readonly [field: string, tags: readonly string[] | "*"][] = [
    ["*", "*"],
    [" * ", "*"],
    ['"a"', ['"a"']],
    ['"a", W/"b" ,"c"', ['"a"', 'W/"b"', '"c"']],
    ['"a,b","c"', ['"a,b"', '"c"']],
    [',, "a",,"b",', ['"a"', '"b"']],
    ["", []],
    ["a", []],
    ['"a" "b"', []],
    ['"a", b, "c"', ['"a"']],
    ['"a", "b', ['"a"']],
    ['"a", *', ['"a"']],
    ['*, "a"', []],
  ];
  for (const [field, tags] of LISTS) {
    it(`reads ${JSON.stringify(field)} as ${JSON.stringify(tags)}`, () => {
      expect(parseEntityTags(field)).to.deep.equal(tags);
    });
  }

  it("reads the tags that were joined", () => {
    const unit = fc.constantFrom(..."ab,*W/\\é".split(""));
    const tag = fc
      .tuple(fc.string({ unit }), fc.boolean())
      .map(([text, weak]) => entityTag(text, weak));
    fc.assert(
      fc.property(fc.array(tag), (tags) => {
        expect(parseEntityTags(tags.join(", "))).to.deep.equal(tags);
      }),
    );
  });

  // RFC 9110 section 8.8.3.2.
  for (const [one, other, strong, weak] of [
    ['W/"1"', 'W/"1"', false, true],
    ['W/"1"', 'W/"2"', false, false],
    ['W/"1"', '"1"', false, true],
    ['"1"', 'W/"1"', false, true],
    ['"1"', '"1"', true, true],
  ] as const) {
    it(`compares ${one} and ${other}: strongly ${strong}, weakly ${weak}`, () => {
      expect([strongMatch(one, other), weakMatch(one, other)]).to.deep.equal([strong, weak]);
    });
  }
});
