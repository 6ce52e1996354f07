import { expect } from "chai";
import * as fc from "fast-check";
import {
  type ByteRange,
  coalesce,
  contentRange,
  MAX_RANGES,
  ranges,
} from "../../lib/fields/ranges.ts";

type Bounds = readonly (readonly [start: number, end: number])[];

function bounds(list: readonly ByteRange[] | undefined): Bounds | undefined {
  return list?.map(({ start, end }) => [start, end] as const);
}

/** The bytes of a file of `size`, by their positions, that one part asks for: straight from the words of the RFC. */
function naive(first: number | undefined, last: number | undefined, size: number): number[] {
  const all = Array.from({ length: size }, (_, position) => position);
  if (first === undefined) return last === 0 ? [] : all.slice(-(last ?? 0));
  return all.filter((position) => position >= first && position <= (last ?? Infinity));
}

function positions({ start, end }: ByteRange): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}

describe("fields/ranges", () => {
  const FIELDS: readonly [field: string, size: number, expected: Bounds | undefined][] = [
    ["bytes=0-0", 10, [[0, 1]]],
    ["bytes=0-9", 10, [[0, 10]]],
    ["bytes=0-10", 10, [[0, 10]]],
    ["bytes=2-", 10, [[2, 10]]],
    ["bytes=9-", 10, [[9, 10]]],
    ["bytes=10-", 10, []],
    ["bytes=-3", 10, [[7, 10]]],
    ["bytes=-10", 10, [[0, 10]]],
    ["bytes=-11", 10, [[0, 10]]],
    ["bytes=-0", 10, []],
    ["bytes=0-", 0, []],
    ["bytes=-5", 0, []],
    [
      "bytes=0-1,4-5",
      10,
      [
        [0, 2],
        [4, 6],
      ],
    ],
    [
      "bytes=4-5, 0-1",
      10,
      [
        [4, 6],
        [0, 2],
      ],
    ],
    [
      "bytes=0-4,2-6",
      10,
      [
        [0, 5],
        [2, 7],
      ],
    ],
    [
      "bytes= 0-1 ,\t4-5 ",
      10,
      [
        [0, 2],
        [4, 6],
      ],
    ],
    [
      "bytes=,0-1,,4-5,",
      10,
      [
        [0, 2],
        [4, 6],
      ],
    ],
    ["bytes=0-1,20-30", 10, [[0, 2]]],
    ["bytes=20-30,40-", 10, []],
    ["BYTES=0-1", 10, [[0, 2]]],
    ["bytes=00-01", 10, [[0, 2]]],
    ["bytes=99999999999999999999999-", 10, []],
    ["bytes=0-99999999999999999999999", 10, [[0, 10]]],
    ["bytes=", 10, undefined],
    ["bytes=,", 10, undefined],
    ["bytes=-", 10, undefined],
    ["bytes", 10, undefined],
    ["", 10, undefined],
    ["bytes=+1-2", 10, undefined],
    ["bytes=1-+2", 10, undefined],
    ["bytes=--1", 10, undefined],
    ["bytes=2-1", 10, undefined],
    ["bytes=0-1,2-1", 10, undefined],
    ["bytes=1 - 2", 10, undefined],
    ["bytes=a-b", 10, undefined],
    ["bytes=0x1-2", 10, undefined],
    ["bytes=1.5-2", 10, undefined],
    ["bytes=0-1;2-3", 10, undefined],
    ["bytes =0-1", 10, undefined],
    ["lines=0-1", 10, undefined],
    ["bytes=0-1\n", 10, undefined],
  ];
  for (const [field, size, expected] of FIELDS) {
    it(`reads ${JSON.stringify(field)} of ${size} B as ${JSON.stringify(expected)}`, () => {
      expect(bounds(ranges(field, size))).to.deep.equal(expected);
    });
  }

  it("takes as many parts as allowed, satisfiable or not, and ignores the field for one more", () => {
    for (const part of ["0-0", "99-"]) {
      const field = (parts: number): string => `bytes=${Array(parts).fill(part).join(",")}`;
      expect(ranges(field(MAX_RANGES - 1), 10)).to.be.an("array");
      expect(ranges(field(MAX_RANGES), 10)).to.be.an("array");
      expect(ranges(field(MAX_RANGES + 1), 10)).to.be.undefined;
    }
  });

  it("agrees with a naive model", () => {
    const position = fc.option(fc.nat(25), { nil: undefined });
    const part = fc
      .tuple(position, position)
      .filter(
        ([first, last]) => (first ?? last) !== undefined && (first ?? 0) <= (last ?? Infinity),
      );
    const parts = fc.array(part, { minLength: 1, maxLength: MAX_RANGES });
    fc.assert(
      fc.property(parts, fc.nat(20), (list, size) => {
        const text = list.map(([first, last]) => `${first ?? ""}-${last ?? ""}`).join(", ");
        const expected = list.map(([first, last]) => naive(first, last, size));
        const found = ranges(`bytes=${text}`, size) ?? [];
        expect(found.map(positions)).to.deep.equal(expected.filter(({ length }) => length > 0));
      }),
    );
  });

  it("never throws", () => {
    const unit = fc.constantFrom(..."bytes=0123-, +x".split(""));
    fc.assert(fc.property(fc.string({ unit }), (text) => void ranges(`bytes=${text}`, 10)));
  });

  const MERGED: readonly [list: Bounds, merged: Bounds][] = [
    [[], []],
    [
      [
        [0, 2],
        [4, 6],
      ],
      [
        [0, 2],
        [4, 6],
      ],
    ],
    [
      [
        [4, 6],
        [0, 2],
      ],
      [
        [4, 6],
        [0, 2],
      ],
    ],
    [
      [
        [0, 2],
        [2, 4],
      ],
      [[0, 4]],
    ],
    [
      [
        [0, 5],
        [2, 7],
      ],
      [[0, 7]],
    ],
    [
      [
        [0, 9],
        [2, 3],
      ],
      [[0, 9]],
    ],
    [
      [
        [8, 9],
        [0, 2],
        [4, 6],
        [1, 5],
      ],
      [
        [8, 9],
        [0, 6],
      ],
    ],
    [
      [
        [8, 9],
        [0, 2],
        [4, 6],
        [1, 8],
      ],
      [[0, 9]],
    ],
  ];
  for (const [list, merged] of MERGED) {
    it(`makes ${JSON.stringify(merged)} of ${JSON.stringify(list)}`, () => {
      const parts = list.map(([start, end]) => ({ start, end }));
      expect(bounds(coalesce(parts))).to.deep.equal(merged);
    });
  }

  it("keeps every byte once when it merges", () => {
    const part = fc
      .tuple(fc.nat(30), fc.integer({ min: 1, max: 9 }))
      .map(([start, length]) => ({ start, end: start + length }));
    fc.assert(
      fc.property(fc.array(part), (list) => {
        const merged = coalesce(list).flatMap(positions);
        expect(merged.length).to.equal(new Set(merged).size);
        expect(new Set(merged)).to.deep.equal(new Set(list.flatMap(positions)));
      }),
    );
  });

  it("writes Content-Range", () => {
    expect(contentRange({ start: 0, end: 1 }, 10)).to.equal("bytes 0-0/10");
    expect(contentRange({ start: 5, end: 10 }, 10)).to.equal("bytes 5-9/10");
    expect(contentRange(undefined, 10)).to.equal("bytes */10");
  });
});
