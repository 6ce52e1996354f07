import type { Reading, ReadRequest } from "./reading.ts";

/** What two servers took differently. */
export interface Difference {
  readonly text: string;
  readonly ours: Reading;
  readonly theirs: Reading;
  /** Where the readings part: how many requests both took alike. */
  readonly at: number;
  /** What differs there: a part of a request, or how it goes on. */
  readonly what: keyof ReadRequest | "requests" | "end";
}

/**
 * The first difference between two readings; undefined where there is none.
 *
 * Two refusals are alike, whatever their status and wherever in the same message they come: one server looks at a field when the head ends,
 * the other when its body begins.
 */
export function differenceOf(text: string, ours: Reading, theirs: Reading): Difference | undefined {
  const [mine, others] = [settled(ours), settled(theirs)];
  const common = Math.min(mine.length, others.length);
  for (let at = 0; at < common; at += 1) {
    const what = differentPart(mine[at], others[at]);
    if (what !== undefined) return { text, ours, theirs, at, what };
  }
  const parts = { text, ours, theirs, at: common };
  if (mine.length !== others.length) return { ...parts, what: "requests" };
  return endOf(ours) === endOf(theirs) ? undefined : { ...parts, what: "end" };
}

function endOf({ end }: Reading): string {
  return typeof end === "number" ? "refused" : end;
}

/** The requests without one that was refused in the middle. */
function settled({ requests, end }: Reading): readonly ReadRequest[] {
  return typeof end === "number" ? requests.filter(({ complete }) => complete) : requests;
}

const PARTS: readonly (keyof ReadRequest)[] = [
  "method",
  "target",
  "version",
  "fields",
  "complete",
  "body",
];

function differentPart(
  one: ReadRequest | undefined,
  other: ReadRequest | undefined,
): keyof ReadRequest | undefined {
  if (one === undefined || other === undefined) return undefined;
  return PARTS.find((part) => one[part] !== other[part]);
}
