import { DEFAULT_PAIR_LIMITS, type PairLimits, parsePairs } from "./urlencoded.ts";

/**
 * The arguments of a query, which is given without its `?`.
 *
 * Stricter than `URLSearchParams` alone, which takes anything: a bad escape, bad UTF-8 or more than `limits` allow throws a
 * remote {@link ProtocolError}, 400. Only `&` separates, a `;` is text; names are plain, nothing nests.
 */
export function parseQuery(
  query: string,
  limits: PairLimits = DEFAULT_PAIR_LIMITS,
): URLSearchParams {
  if (query === "") return new URLSearchParams();
  parsePairs(query, limits, 400);
  // It takes one question mark off, so one that belongs to the first name needs another before it.
  return new URLSearchParams(`?${query}`);
}
