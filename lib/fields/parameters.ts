/** Parameters by their names in lower case; values unquoted. */
export type Parameters = ReadonlyMap<string, string>;

/**
 * Reads `; name=value; name="quoted"`, the tail of a field that has parameters; undefined where it is anything else or
 * where a name comes twice. Empty ones (`;;`) are allowed. RFC 9110 section 5.6.6; with commas, section 11.2.
 *
 * Each begins with the separator, the first too. Values are as sent: bytes past ASCII are one character each.
 */
export function parseParameters(text: string, separator: ";" | "," = ";"): Parameters | undefined {
  if (text === "") return NONE;
  const parameters = new Map<string, string>();
  const grammar = separator === ";" ? AFTER_SEMICOLON : AFTER_COMMA;
  grammar.lastIndex = 0;
  while (grammar.lastIndex < text.length) {
    const match = grammar.exec(text);
    if (match === null) return undefined;
    const [, name, token, quoted] = match;
    const value = token ?? quoted;
    if (name === undefined || value === undefined) continue;
    const key = name.toLowerCase();
    if (parameters.has(key)) return undefined;
    parameters.set(key, unquote(value));
  }
  return parameters;
}

const NONE: Parameters = new Map();

// Sticky, and linear: no two neighbours can take the same character.
const TOKEN = "([!#$%&'*+.^_`|~\\w-]+)";
const QUOTED = '"((?:[\\t !\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t \\x21-\\x7e\\x80-\\xff])*)"';
const PARAMETER = `[ \\t]*(?:${TOKEN}=(?:${TOKEN}|${QUOTED})[ \\t]*)?`;
const AFTER_SEMICOLON = new RegExp(`;${PARAMETER}`, "y");
const AFTER_COMMA = new RegExp(`,${PARAMETER}`, "y");

/** The text of a quoted-string whose quotes have been taken off. */
export function unquote(text: string): string {
  return text.includes("\\") ? text.replace(/\\(.)/g, "$1") : text;
}

/**
 * A text as a quoted-string, quotes and backslashes escaped. RFC 9110 section 5.6.4.
 *
 * A control character or one past U+00FF cannot stand in a field and throws a TypeError.
 */
export function quote(text: string): string {
  if (!QUOTABLE.test(text)) throw new TypeError("a quoted string cannot hold control characters");
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

const QUOTABLE = /^[\t \x21-\x7e\x80-\xff]*$/;
