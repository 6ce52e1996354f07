import type { Headers } from "../http/headers.ts";

/** One cookie as the client keeps it. RFC 6265 section 5.3. */
interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly secure: boolean;
  /** On the clock of the client, in ms. */
  readonly expires: number;
}

/** The cookies of one {@link TestClient}: what the server set, by path, until they expire on the client's clock. One host: Domain is not looked at. */
export class CookieJar {
  readonly #now: () => number;
  readonly #cookies = new Map<string, Cookie>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Nothing is kept, so that no request needs to ask. */
  get empty(): boolean {
    return this.#cookies.size === 0;
  }

  /** The value of a cookie that would be sent, whatever its path; undefined where there is none. */
  get(name: string): string | undefined {
    return this.#live().findLast((cookie) => cookie.name === name)?.value;
  }

  /** Keeps a cookie for all paths, until the jar is cleared. */
  set(name: string, value: string): void {
    this.#keep({ name, value, path: "/", secure: false, expires: Number.POSITIVE_INFINITY });
  }

  /** Forgets all. */
  clear(): void {
    this.#cookies.clear();
  }

  /** The value of the Cookie field for a request to this path, longest paths first; empty where none applies. RFC 6265 section 5.4. */
  header(target: string, secure: boolean): string {
    const path = pathOf(target);
    return this.#live()
      .filter((cookie) => (secure || !cookie.secure) && covers(cookie.path, path))
      .toSorted((one, other) => other.path.length - one.path.length)
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
  }

  /** Takes what a reply to a request for this path sets. */
  take(headers: Headers, target: string): void {
    for (const line of headers.getSetCookie()) this.#takeLine(line, headers, pathOf(target));
  }

  #takeLine(line: string, headers: Headers, path: string): void {
    const [pair = "", ...rest] = line.split(";");
    const equals = pair.indexOf("=");
    if (equals < 1) return;
    const attributes = new Map(rest.map(attribute));
    const asked = attributes.get("path") ?? "";
    this.#keep({
      name: pair.slice(0, equals).trim(),
      value: pair.slice(equals + 1).trim(),
      path: asked.startsWith("/") ? asked : directory(path),
      secure: attributes.has("secure"),
      expires: this.#expiry(attributes, headers.get("date")),
    });
  }

  /** Max-Age wins over Expires; Expires counts from the reply's own Date, since a clock in a test has no calendar. */
  #expiry(attributes: ReadonlyMap<string, string>, date: string | null): number {
    const maxAge = attributes.get("max-age") ?? "";
    if (/^-?[0-9]+$/.test(maxAge)) return this.#now() + Number(maxAge) * 1000;
    const lifetime = milliseconds(attributes.get("expires")) - milliseconds(date ?? undefined);
    return Number.isNaN(lifetime) ? Number.POSITIVE_INFINITY : this.#now() + lifetime;
  }

  #keep(cookie: Cookie): void {
    this.#cookies.set(`${cookie.name};${cookie.path}`, cookie);
    this.#live();
  }

  #live(): Cookie[] {
    const now = this.#now();
    for (const [key, cookie] of this.#cookies) {
      if (cookie.expires <= now) this.#cookies.delete(key);
    }
    return [...this.#cookies.values()];
  }
}

function attribute(text: string): [string, string] {
  const [name = "", ...value] = text.split("=");
  return [name.trim().toLowerCase(), value.join("=").trim()];
}

/** RFC 6265 section 5.1.4. */
function covers(cookiePath: string, path: string): boolean {
  if (!path.startsWith(cookiePath)) return false;
  return (
    cookiePath.endsWith("/") || path.length === cookiePath.length || path[cookiePath.length] === "/"
  );
}

/** The default path of a cookie: that of the request up to, without, its last slash. */
function directory(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

function pathOf(target: string): string {
  const path = target.replace(/\?.*$/s, "");
  return path.startsWith("/") ? path : "/";
}

/** An HTTP date as milliseconds; NaN where there is none. */
function milliseconds(date: string | undefined): number {
  // oxlint-disable-next-line no-restricted-globals -- two dates of the reply are compared; no time is taken from it
  return Date.parse(date ?? "");
}
