import { parseCookie, stringifySetCookie } from "cookie";

/** How many cookies of a request are read; the rest is left out. For comparison: browsers keep 150 to 180 a site, send fewer. */
export const MAX_COOKIES = 50;

/** Bytes of name and value of one cookie, as sent; a longer one is left out when read and refused when set. Browsers keep 4,096 (RFC 6265bis section 5.6). */
export const MAX_COOKIE_BYTES = 4_096;

/**
 * The cookies that a Cookie field brings, percent-decoded where that works; of two with one name the last, as Twisted.
 *
 * Pieces without `=` and those past {@link MAX_COOKIES} or {@link MAX_COOKIE_BYTES} are left out; quotes are part of a
 * value. Several fields are to be joined with `; ` (RFC 9113 section 8.2.3). Never throws.
 */
export function parseCookies(field: string): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  let read = 0;
  for (let start = 0; start < field.length && read < MAX_COOKIES; ) {
    let end = field.indexOf(";", start);
    if (end === -1) end = field.length;
    const piece = field.slice(start, end).trim();
    start = end + 1;
    if (piece === "") continue;
    read++;
    if (piece.length > MAX_COOKIE_BYTES + 1) continue;
    const cookie = parseCookie(piece);
    for (const name in cookie) {
      const value = cookie[name];
      if (name !== "" && value !== undefined) cookies.set(name, value);
    }
  }
  return cookies;
}

/** How long a cookie lives and who gets to see it. */
export interface CookieOptions {
  /** How long the browser keeps it, in ms; sent in seconds, rounded up. 0 or less deletes it. Absent, with `expires` also absent: until the browser is closed. */
  readonly maxAgeMs?: number | undefined;
  /** When it expires, for clients that do not know Max-Age, which wins. */
  readonly expires?: Date | undefined;
  /** Whose subdomains get it too; absent: only the host itself. */
  readonly domain?: string | undefined;
  /** `/` unless given; begins with a slash. */
  readonly path?: string | undefined;
  /** Only over TLS. False unless given; `request.addCookie` gives it on TLS. */
  readonly secure?: boolean | undefined;
  /** Hidden from scripts. True unless given. */
  readonly httpOnly?: boolean | undefined;
  /** Whether it comes along from other sites. `lax` unless given: only with a link that is followed. `none` needs `secure`. */
  readonly sameSite?: "strict" | "lax" | "none" | undefined;
  /** Kept apart for each top-level site (CHIPS); needs `secure`. */
  readonly partitioned?: boolean | undefined;
  /** What the browser drops first when it has too many. */
  readonly priority?: "low" | "medium" | "high" | undefined;
}

/**
 * The value of a Set-Cookie field. The cookie's value is percent-encoded, so that {@link parseCookies} gives it back.
 *
 * What a browser would drop in silence throws a TypeError here: a name that is not a token, more than
 * {@link MAX_COOKIE_BYTES}, `__Host-` without `secure` or with `domain` or another `path`, `__Secure-`, `partitioned` or
 * `sameSite: "none"` without `secure`. So does whatever cannot stand in the field: nothing given gets out of its place.
 */
export function serializeCookie(name: string, value: string, options: CookieOptions = {}): string {
  checkName(name);
  checkAttributes(name, options);
  const encoded = encode(name, value);
  const { path = "/", httpOnly = true, sameSite = "lax", secure, partitioned, maxAgeMs } = options;
  const { domain, expires, priority } = options;
  return stringifySetCookie(
    {
      name,
      value: encoded,
      path,
      httpOnly,
      sameSite,
      secure: secure === true,
      partitioned: partitioned === true,
      ...(maxAgeMs === undefined ? {} : { maxAge: seconds(maxAgeMs) }),
      ...(domain === undefined ? {} : { domain }),
      ...(expires === undefined ? {} : { expires }),
      ...(priority === undefined ? {} : { priority }),
    },
    // It has been done, so that its length could be checked.
    { encode: (text) => text },
  );
}

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;

function checkName(name: string): void {
  // Not named in the message: it may hold anything.
  if (!TOKEN.test(name)) throw new TypeError("the name of a cookie must be a token");
}

function checkAttributes(name: string, options: CookieOptions): void {
  const { path = "/", domain, secure, partitioned, sameSite } = options;
  if (!path.startsWith("/")) throw new TypeError(`the path of cookie ${name} must begin with /`);
  if (domain === "") throw new TypeError(`the domain of cookie ${name} is empty`);
  // Browsers compare the prefixes without case (RFC 6265bis section 4.1.3).
  const prefix = /^__(?:Host|Secure)-/i.exec(name)?.[0].toLowerCase();
  if (prefix === "__host-" && (path !== "/" || domain !== undefined)) {
    throw new TypeError(`cookie ${name} must be for path / and without a domain`);
  }
  const wantsSecure = prefix !== undefined || partitioned === true || sameSite === "none";
  if (wantsSecure && secure !== true) throw new TypeError(`cookie ${name} must be secure`);
}

function encode(name: string, value: string): string {
  let encoded: string;
  try {
    encoded = encodeURIComponent(value);
  } catch (cause) {
    throw new TypeError(`the value of cookie ${name} has a lone surrogate`, { cause });
  }
  if (name.length + encoded.length > MAX_COOKIE_BYTES) {
    throw new TypeError(`cookie ${name} is over ${MAX_COOKIE_BYTES} B`);
  }
  return encoded;
}

function seconds(ms: number): number {
  return Math.max(0, Math.ceil(ms / 1_000));
}
