import Negotiator from "negotiator";

/**
 * Which of the `available` media types the client likes best, by its Accept field; the first where it likes several alike
 * or says nothing; undefined where it refuses all, which is answered 406. RFC 9110 section 12.5.1. Never throws.
 */
export function preferredMediaType(
  accept: string | null,
  available: readonly string[],
): string | undefined {
  return of("accept", accept).mediaType(available);
}

/** As {@link preferredMediaType}, by an Accept-Language field; `en` also stands for `en-GB`. RFC 9110 section 12.5.4. */
export function preferredLanguage(
  acceptLanguage: string | null,
  available: readonly string[],
): string | undefined {
  return of("accept-language", acceptLanguage).language(available);
}

/** How the bytes of a response may be packed. */
export type ContentCoding = "br" | "gzip" | "identity";

/**
 * How to pack a response: what the client likes best, and of what it likes alike the one that comes first in `available`.
 *
 * `identity` where the client says nothing or wants none of them; undefined where it refuses even that. Never throws.
 * RFC 9110 section 12.5.3.
 */
export function preferredCoding(
  acceptEncoding: string | null,
  available: readonly ContentCoding[] = ["br", "gzip"],
): ContentCoding | undefined {
  if (acceptEncoding === null) return "identity";
  const preferred = [...available, "identity" as const];
  const negotiator: CodingNegotiator = of("accept-encoding", acceptEncoding);
  const chosen = negotiator.encodings(preferred, { preferred })[0];
  return preferred.find((coding) => coding === chosen);
}

/** What @types/negotiator does not know: an order of our own for what the client likes alike. */
interface CodingNegotiator {
  encodings(available: readonly string[], options: { preferred: readonly string[] }): string[];
}

function of(name: string, field: string | null): Negotiator {
  return new Negotiator({ headers: { [name]: field || undefined } });
}
