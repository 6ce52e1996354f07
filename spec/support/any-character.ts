import * as fc from "fast-check";

/** Any character of Unicode, for `fc.string({ unit })`. Its own "binary" is the same, but takes seconds to be made for the first time. */
export const anyCharacter: fc.Arbitrary<string> = fc
  .oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0x10ffff }))
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));
