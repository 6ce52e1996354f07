// application/x-www-form-urlencoded, in a query or in a body: the same grammar, other limits, other answers.
import { ProtocolError } from "../http/protocol-error.ts";

/** What an urlencoded text may hold. */
export interface PairLimits {
  /** Pairs, the empty ones between two `&` too. */
  readonly pairs: number;
  /** Bytes of one name, decoded. */
  readonly nameBytes: number;
  /** Bytes of one value, decoded. */
  readonly valueBytes: number;
}

/** For comparison: PHP takes 1,000 variables, Node's querystring 1,000 keys, qs 1,000 parameters. */
export const DEFAULT_PAIR_LIMITS: PairLimits = Object.freeze({
  pairs: 1_000,
  nameBytes: 256,
  valueBytes: 65_536,
});

/** Name and value, decoded. */
export type Pair = readonly [name: string, value: string];

/**
 * The pairs of a text, in order, decoded, with `+` as a blank. Names are plain: `a[b]` is the name `a[b]`.
 *
 * A pair without `=` has an empty value; an empty piece is no pair. A bad escape, or one that is not UTF-8, throws a remote
 * {@link ProtocolError}, 400; more than a limit allows throws one with `tooMuch`.
 */
export function parsePairs(text: string, limits: PairLimits, tooMuch: 400 | 413): Pair[] {
  const pairs: Pair[] = [];
  let pieces = 0;
  for (let start = 0; start < text.length; ) {
    let end = text.indexOf("&", start);
    if (end === -1) end = text.length;
    if (++pieces > limits.pairs) throw over(`${limits.pairs} pairs`, tooMuch);
    if (end > start) pairs.push(parsePair(text, start, end));
    start = end + 1;
  }
  for (const [name, value] of pairs) {
    if (isOver(name, limits.nameBytes)) throw over(`${limits.nameBytes} B in a name`, tooMuch);
    if (isOver(value, limits.valueBytes)) throw over(`${limits.valueBytes} B in a value`, tooMuch);
  }
  return pairs;
}

function parsePair(text: string, start: number, end: number): Pair {
  const equals = text.indexOf("=", start);
  if (equals === -1 || equals >= end) return [decode(text.slice(start, end)), ""];
  return [decode(text.slice(start, equals)), decode(text.slice(equals + 1, end))];
}

function decode(text: string): string {
  const spaced = text.includes("+") ? text.replaceAll("+", " ") : text;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch (cause) {
    throw new ProtocolError("remote", "a name or value has a malformed percent escape", 400, {
      cause,
    });
  }
}

/** Compares without counting where the answer is plain: a UTF-16 unit is one to three bytes of UTF-8. */
function isOver(text: string, bytes: number): boolean {
  if (text.length * 3 <= bytes) return false;
  return text.length > bytes || Buffer.byteLength(text) > bytes;
}

function over(what: string, status: number): ProtocolError {
  return new ProtocolError("remote", `more than ${what}`, status);
}
