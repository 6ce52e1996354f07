import { type Parameters, parseParameters, quote } from "./parameters.ts";

/** What an Authorization field brings, by its scheme. Names and passwords are text, checked for control characters. */
export type Credentials =
  | { readonly scheme: "basic"; readonly user: string; readonly password: string }
  | { readonly scheme: "bearer"; readonly token: string }
  | { readonly scheme: "digest"; readonly parameters: Parameters };

/** Characters of the base64 of a user and a password: 8 KiB, and so is a bearer token. */
export const MAX_CREDENTIALS = 8_192;

/**
 * Reads an Authorization field; undefined where it is malformed, too long or of another scheme, which is answered 401. Never throws.
 *
 * Basic (RFC 7617): UTF-8, and the first colon ends the name. Bearer (RFC 6750): the token as it is. Digest (RFC 7616): its
 * parameters, unquoted; which of them must be there is for `readDigest` to say.
 */
export function parseAuthorization(field: string): Credentials | undefined {
  const blank = field.indexOf(" ");
  const rest = field.slice(blank + 1).trim();
  switch (blank === -1 ? "" : field.slice(0, blank).toLowerCase()) {
    case "basic":
      return parseBasic(rest);
    case "bearer":
      return isToken68(rest) ? { scheme: "bearer", token: rest } : undefined;
    case "digest":
      return parseDigest(rest);
    default:
      return undefined;
  }
}

function isToken68(text: string): boolean {
  return text.length <= MAX_CREDENTIALS && /^[\w.~+/-]+=*$/.test(text);
}

function parseBasic(text: string): Credentials | undefined {
  if (text.length > MAX_CREDENTIALS || !BASE_64.test(text)) return undefined;
  let decoded: string;
  try {
    decoded = UTF_8.decode(Buffer.from(text, "base64"));
  } catch {
    return undefined;
  }
  const colon = decoded.indexOf(":");
  if (colon === -1 || CONTROL.test(decoded)) return undefined;
  return { scheme: "basic", user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

// Padding may be missing, as some clients have it.
const BASE_64 = /^[A-Za-z\d+/]*={0,2}$/;
const UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

function parseDigest(text: string): Credentials | undefined {
  const parameters = parseParameters(`,${text}`, ",");
  return parameters && { scheme: "digest", parameters };
}

/** Of a Digest challenge, what RFC 7616 section 3.3 wants without quotes. */
const UNQUOTED: ReadonlySet<string> = new Set(["algorithm", "stale", "userhash"]);

/**
 * A challenge, the value of a WWW-Authenticate field: `Basic realm="a \"b\"", charset="UTF-8"`.
 *
 * Values are quoted and escaped; one that cannot stand in a field throws a TypeError. Names and the scheme are ours to get right.
 */
export function challenge(scheme: string, parameters: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(parameters).map(
    ([name, value]) => `${name}=${UNQUOTED.has(name) ? value : quote(value)}`,
  );
  return pairs.length === 0 ? scheme : `${scheme} ${pairs.join(", ")}`;
}
