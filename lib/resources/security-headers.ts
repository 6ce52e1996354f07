import type { ResponseHead } from "../channel/exchange.ts";
import { Headers } from "../http/headers.ts";
import type { Rendered } from "../web/body.ts";
import type { Request } from "../web/request.ts";
import { Resource } from "../web/resource.ts";
import { renderBelow } from "./render-below.ts";
import { AmendedExchange } from "./wrapped-exchange.ts";

/** Fields by their names, in any case: what each is to be, or `false` for none. */
export type SecurityHeadersOptions = Readonly<Record<string, string | false>>;

/**
 * What {@link SecurityHeaders} adds unless told otherwise. Those of helmet, but for:
 *
 * - Content-Security-Policy does not turn links to http into links to https, which a site without TLS would not survive, and allows neither fonts nor styles of others
 * - Referrer-Policy is the one that browsers have by themselves: with `no-referrer` they send `Origin: null` with forms of the site itself
 * - Strict-Transport-Security does not speak for subdomains, which may be somebody else's
 * - fields that only browsers of long ago know are left out
 */
export const DEFAULT_SECURITY_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  "Content-Security-Policy":
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src-attr 'none'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Origin-Agent-Cluster": "?1",
  "Referrer-Policy": "strict-origin-when-cross-origin",
  "Strict-Transport-Security": "max-age=31536000",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "SAMEORIGIN",
});

/**
 * Around any resource: has browsers be careful with whatever is answered below it, pages of errors included.
 *
 * A field that the resource sets itself stays as it set it; of two of these wrappers the inner one has its way. Strict-Transport-Security is sent over TLS alone (RFC 6797 section 7.2).
 */
export class SecurityHeaders extends Resource {
  override isLeaf = true;
  readonly #wrapped: Resource;
  readonly #fields: Headers;
  readonly #amendments: Readonly<Record<"open" | "secure", (head: ResponseHead) => void>>;

  /** What `options` does not name is as in {@link DEFAULT_SECURITY_HEADERS}; others may be added. Throws a TypeError for what no field may have. */
  constructor(wrapped: Resource, options: SecurityHeadersOptions = {}) {
    super();
    this.#wrapped = wrapped;
    this.#fields = new Headers(DEFAULT_SECURITY_HEADERS);
    for (const [name, value] of Object.entries(options)) {
      if (value === false) this.#fields.delete(name);
      else this.#fields.set(name, value);
    }
    const open = this.#fields.copy();
    open.delete(OVER_TLS);
    this.#amendments = { open: amendment(open), secure: amendment(this.#fields) };
  }

  override render(request: Request): Rendered {
    const amend = this.#amendments[request.isSecure ? "secure" : "open"];
    request.wrapExchange((exchange) => new AmendedExchange(exchange, amend));
    return renderBelow(this.#wrapped, request);
  }
}

const OVER_TLS = "strict-transport-security";

/** Adds the fields that a head does not have. */
function amendment(fields: Headers): (head: ResponseHead) => void {
  const all = [...fields];
  return ({ headers }) => {
    for (const [name, value] of all) if (!headers.has(name)) headers.set(name, value);
  };
}
