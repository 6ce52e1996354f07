import { encodeSegment, queryOf } from "../fields/path.ts";
import type { Body } from "../web/body.ts";
import { HttpError } from "../web/http-error.ts";
import { isLocal, REDIRECT_CODES, redirect } from "../web/redirect.ts";
import type { Request } from "../web/request.ts";
import { Resource } from "../web/resource.ts";

/** How a {@link Redirect} is made. */
export interface RedirectOptions {
  /** Whether what is left of the path, and the query, are appended to the target. False. */
  readonly keepRest?: boolean;
}

/**
 * Sends everybody elsewhere, whatever the method and the rest of the path. Twisted's `Redirect`, and netsvc's `RedirectServer`.
 *
 * The target is a path, or an absolute URL of http or https: unlike that of `request.redirect` it was written by whoever made the site.
 */
export class Redirect extends Resource {
  override isLeaf = true;
  readonly #url: string;
  readonly #code: number;
  readonly #keepRest: boolean;

  /** `code` is 301, 302, 303, 307 or 308, else a RangeError. Another target throws a TypeError. */
  constructor(url: string, code = 302, options: RedirectOptions = {}) {
    super();
    if (!isLocal(url) && !isAbsolute(url)) {
      throw new TypeError("a redirect leads to a path, or to an absolute URL of http or https");
    }
    if (!REDIRECT_CODES.has(code)) throw new RangeError(`${code} is not the status of a redirect`);
    if (options.keepRest === true && /[?#]/.test(url)) {
      throw new TypeError("nothing can be appended to a target with a query or a fragment");
    }
    this.#url = url;
    this.#code = code;
    this.#keepRest = options.keepRest ?? false;
  }

  override render(request: Request): Body {
    const url = this.#keepRest ? withRest(this.#url, request) : this.#url;
    return redirect(request, url, this.#code);
  }
}

/**
 * Sends everybody to the folder above: from `/a/b` to `/a/`, without the query. Twisted's `ParentRedirect`.
 *
 * Deviation: the Location is a relative reference, so that the Host of the request is not echoed.
 */
export class ParentRedirect extends Resource {
  override isLeaf = true;

  override render(request: Request): Body {
    return redirect(request, "./", 302);
  }
}

/** With an authority, and nothing that a browser would read in another way than we do. */
const ABSOLUTE = /^https?:\/\/[^/\\?#\s]/i;
// oxlint-disable-next-line no-control-regex -- they are what is refused
const ODD = /[\u0000-\u0020\u007f-\u{10ffff}\\]/u;

function isAbsolute(url: string): boolean {
  return ABSOLUTE.test(url) && !ODD.test(url) && URL.canParse(url);
}

/** What is appended was decoded, so it is encoded anew before it is looked at; a rest that would lead to another host leads nowhere. */
function withRest(url: string, request: Request): string {
  const rest = request.postpath.map(encodeSegment).join("/");
  const query = queryOf(request.uri);
  const path = request.postpath.length === 0 ? url : `${url.replace(/\/$/, "")}/${rest}`;
  const target = query === "" ? path : `${path}?${query}`;
  if (!isLocal(target) && !isAbsolute(target)) throw new HttpError(404);
  return target;
}
