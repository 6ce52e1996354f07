import { parseHttpDate } from "./date.ts";
import { isEntityTag, parseEntityTags, strongMatch, weakMatch } from "./etag.ts";

/** What is known of the present representation. */
export interface Validators {
  /** Its entity tag, with quotes. */
  readonly etag?: string | undefined;
  /** When it last changed, in ms since 1970; compared by the second. */
  readonly lastModified?: number | undefined;
  /** False where there is none yet, as before the PUT that makes it. True unless given. */
  readonly exists?: boolean | undefined;
}

/** Where the fields of a request are looked up. */
export interface Fields {
  get(name: string): string | null;
}

/** What the conditions of a request come to: go on, 304, or 412. */
export type Evaluation = "proceed" | "not modified" | "precondition failed";

/**
 * Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since, in the order and with the precedence of
 * RFC 9110 section 13.2.2. A date that cannot be read is ignored, and so is a condition on a date that is not known. Never throws.
 *
 * To be asked once it is clear that the answer would otherwise be a success. If-Range is {@link rangeApplies}.
 */
export function evaluate(method: string, headers: Fields, validators: Validators): Evaluation {
  if (!mayTouch(headers, validators)) return "precondition failed";
  const reads = method === "GET" || method === "HEAD";
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== null) {
    if (!matches(ifNoneMatch, validators, weakMatch)) return "proceed";
    return reads ? "not modified" : "precondition failed";
  }
  if (!reads) return "proceed";
  return isModified(headers.get("if-modified-since"), validators, true)
    ? "proceed"
    : "not modified";
}

/** Whether If-Match holds, or If-Unmodified-Since where there is none. */
function mayTouch(headers: Fields, validators: Validators): boolean {
  const ifMatch = headers.get("if-match");
  if (ifMatch !== null) return matches(ifMatch, validators, strongMatch);
  return !isModified(headers.get("if-unmodified-since"), validators, false);
}

function matches(
  field: string,
  { etag, exists = true }: Validators,
  same: (one: string, other: string) => boolean,
): boolean {
  const tags = parseEntityTags(field);
  if (tags === "*") return exists;
  return etag !== undefined && exists && tags.some((tag) => same(tag, etag));
}

/** Whether it changed after the date in the field; `unknown` where one of the two is missing. */
function isModified(field: string | null, { lastModified }: Validators, unknown: boolean): boolean {
  const since = field === null ? undefined : parseHttpDate(field);
  if (since === undefined || lastModified === undefined) return unknown;
  return toSecond(lastModified) > since;
}

function toSecond(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000;
}

/**
 * Whether a Range field of this request counts: the method is GET, and If-Range is absent or names the present
 * representation, by a strong entity tag or by exactly its date. RFC 9110 sections 13.1.5 and 14.2. Never throws.
 *
 * Deviation: a date is taken as strong even in the second in which the file changed.
 */
export function rangeApplies(method: string, headers: Fields, validators: Validators): boolean {
  if (method !== "GET" || headers.get("range") === null) return false;
  const { etag, lastModified } = validators;
  const ifRange = headers.get("if-range")?.trim();
  if (ifRange === undefined) return true;
  if (isEntityTag(ifRange)) return etag !== undefined && strongMatch(ifRange, etag);
  return lastModified !== undefined && parseHttpDate(ifRange) === toSecond(lastModified);
}
