/** `count` texts made from good ones by cutting, doubling, swapping and replacing pieces; the same ones in each run. */
export function* mutations(good: readonly string[], count: number, seed = 1): Generator<string> {
  const random = mulberry32(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  for (let made = 0; made < count; made++) {
    let text = good[below(good.length)] ?? "";
    for (let change = 0; change <= below(4); change++) {
      const [one, other] = [below(text.length + 1), below(text.length + 1)];
      const [start, end] = [Math.min(one, other), Math.max(one, other)];
      const piece = text.slice(start, Math.min(end, start + 8));
      const rest = text.slice(start + piece.length);
      const replacement = [
        "",
        piece + piece,
        String.fromCharCode(below(256)),
        INTERESTING[below(INTERESTING.length)] ?? "",
        piece.split("").toReversed().join(""),
      ][below(5)];
      text = text.slice(0, start) + replacement + rest;
    }
    yield text;
  }
}

const INTERESTING = [
  "\r\n",
  "\n",
  "\r",
  "\0",
  '"',
  "\\",
  ",",
  ";",
  "=",
  ":",
  "--",
  " ",
  "\t",
  "%",
  "\xff",
  "A".repeat(9_000),
];

/** A small generator of random numbers that gives the same ones for a seed. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
