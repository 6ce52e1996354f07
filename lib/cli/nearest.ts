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

/** Levenshtein's distance, or more than `most` where it is more than that; so there are few ways to look at. */
function slips(from: string, to: string, most: number = SLIPS): number {
  if (from === "" || to === "" || most < 0) return from.length + to.length;
  const [restOfFrom, restOfTo] = [from.slice(1), to.slice(1)];
  if (from[0] === to[0]) return slips(restOfFrom, restOfTo, most);
  const left = most - 1;
  const missing = Math.min(slips(restOfFrom, to, left), slips(from, restOfTo, left));
  return 1 + Math.min(missing, slips(restOfFrom, restOfTo, left));
}
