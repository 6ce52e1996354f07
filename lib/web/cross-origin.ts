import { sameAuthority } from "../http/authority.ts";
import type { Headers } from "../http/headers.ts";
import { HttpError } from "./http-error.ts";

/** From where requests that change something may come. */
export interface CrossOriginOptions {
  /** Besides the site's own: each as browsers send it, `https://example.org` or `https://example.org:8443`. */
  readonly trustedOrigins?: readonly string[];
}

/** What is known of a request. */
export interface Sent {
  readonly method: string;
  readonly headers: Headers;
  readonly authority: string;
}

/** Methods that change nothing (RFC 9110 section 9.2.1). */
const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/**
 * Tells requests that a page of another site makes a browser send, with the cookies of the visitor, from others.
 *
 * A safe method passes. Then Sec-Fetch-Site decides, which every browser sends since 2023 to trustworthy hosts: `same-origin` and `none`. Without it Origin
 * must name the host that the request came to; its scheme is not compared, since a proxy may have ended TLS. Without both it was no browser: all of them have sent
 * Origin with unsafe methods since 2020. These are the rules of `CrossOriginProtection` in Go 1.25. Deviation from Envoy, which refuses what has no Origin.
 */
export class CrossOriginPolicy {
  readonly #trusted: ReadonlySet<string>;

  /** Throws a TypeError for what is no origin. */
  constructor({ trustedOrigins = [] }: CrossOriginOptions = {}) {
    for (const origin of trustedOrigins) {
      if (!isOrigin(origin)) throw new TypeError(`${JSON.stringify(origin)} is not an origin`);
    }
    this.#trusted = new Set(trustedOrigins);
  }

  allows({ method, headers, authority }: Sent): boolean {
    if (SAFE.has(method)) return true;
    const site = headers.get("sec-fetch-site");
    if (site === "same-origin" || site === "none") return true;
    const origin = headers.get("origin");
    if (origin === null) return site === null;
    return this.#trusted.has(origin) || (site === null && isOf(origin, authority));
  }

  /** Throws an {@link HttpError} 403 for what it does not allow. */
  check(request: Sent): void {
    if (!this.allows(request)) throw new HttpError(403, "The request comes from another site.");
  }
}

/** Whether a page of this host has the origin. */
function isOf(origin: string, authority: string): boolean {
  const { scheme, host } = ORIGIN.exec(origin)?.groups ?? {};
  if (scheme === undefined || host === undefined) return false;
  return sameAuthority(host, authority, scheme === "https" ? "443" : "80");
}

const ORIGIN = /^(?<scheme>https?):\/\/(?<host>[^/?#@*\s]+)$/;

/** Whether it is written as browsers write it, so that it can be compared. */
export function isOrigin(text: string): boolean {
  return ORIGIN.test(text) && URL.canParse(text) && new URL(text).origin === text;
}
