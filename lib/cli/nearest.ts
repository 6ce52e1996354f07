/** More slips than this are another word, not a misspelt one. */
const SLIPS = 2;

/** The one of `names` that `word` is a misspelling of: at most two characters too many, too few or wrong, or a beginning of it. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const begun = names.filter((name) => word.length > 1 && name.startsWith(word));
  if (begun.length === 1) return begun[0];
  const close = names
    .map((name) => ({ name, slips: slips(word, name) }))
    .filter(({ name, slips: count }) => count <= SLIPS && count < name.length)
    .toSorted((a, b) => a.slips - b.slips);
  return close[0]?.name;
}

/** Levenshtein's distance, a row of its table at a time. */
function slips(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [line, character] of from.split("").entries()) {
    const next = [line + 1];
    for (let column = 1; column <= to.length; column++) {
      const same = character === to[column - 1] ? 0 : 1;
      next[column] = Math.min(
        (next[column - 1] ?? 0) + 1,
        (row[column] ?? 0) + 1,
        (row[column - 1] ?? 0) + same,
      );
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
