/** Octet classes of RFC 9110 and 9112, as one bit set for each octet: what a scanner may meet in a place. */

/** A character of a token (RFC 9110 section 5.6.2). */
export const TOKEN = 1;
/** An octet of a field value, or OWS around it (RFC 9110 section 5.5); controls other than HTAB are not. */
export const FIELD = 2;
/** An octet that some form of request target may contain (RFC 9112 section 3.2); see {@link PATH}. */
export const TARGET = 4;
/** Inside a quoted string, other than the quote and the backslash (RFC 9110 section 5.6.4). */
export const QUOTED = 8;
/** A hexadecimal digit. */
export const HEX = 16;

export const CR = 13;
export const LF = 10;
export const SP = 32;
export const HTAB = 9;
export const COLON = 58;

/** Characters of a token, as the inside of a regular expression's class. */
export const TOKEN_CLASS = "!#$%&'*+\\-.^_`|~0-9A-Za-z";
/** Octets of a field value with the OWS around it, likewise. */
export const FIELD_CLASS = "\\t\\x20-\\x7e\\x80-\\xff";

/**
 * A path of RFC 3986 section 3.3: characters, or whole percent-encoded triplets.
 *
 * Deviation: `[`, `]` and `|` are allowed, since browsers send them as they are (URL standard, path percent-encode set).
 */
export const PATH =
  "[\\w\\-.~!$&'()*+,;=:@/[\\]|]*(?:%[\\dA-Fa-f]{2}[\\w\\-.~!$&'()*+,;=:@/[\\]|]*)*";

/**
 * A query of RFC 3986 section 3.4.
 *
 * Deviation: every visible character is allowed but `"`, `#`, `<` and `>`, since browsers send them as they are (URL standard,
 * query percent-encode set). That its escapes are whole is for whoever decodes it.
 */
export const QUERY = "[\\x21\\x24-\\x3b\\x3d\\x3f-\\x7e]*";

const CLASSES = classes();

/** The classes of an octet, as a sum of {@link TOKEN}, {@link FIELD} and so on. */
export function classOf(octet: number): number {
  /* c8 ignore next -- there is a class for each octet */
  return CLASSES[octet] ?? 0;
}

/** The octet at a place that is inside `bytes`. */
export function octetAt(bytes: Uint8Array, at: number): number {
  /* c8 ignore next -- never outside */
  return bytes[at] ?? 0;
}

function classes(): Uint8Array {
  const token = new RegExp(`[${TOKEN_CLASS}]`);
  const field = new RegExp(`[${FIELD_CLASS}]`);
  return Uint8Array.from({ length: 256 }, (_, octet) => {
    const character = String.fromCharCode(octet);
    let bits = 0;
    if (token.test(character)) bits |= TOKEN;
    if (field.test(character)) bits |= FIELD;
    if (/[\x21\x24-\x3b\x3d\x3f-\x7e%]/.test(character)) bits |= TARGET;
    if (field.test(character) && character !== '"' && character !== "\\") bits |= QUOTED;
    if (/[\dA-Fa-f]/.test(character)) bits |= HEX;
    return bits;
  });
}
