import type { Rendered } from "../web/body.ts";
import { type CrossOriginOptions, CrossOriginPolicy } from "../web/cross-origin.ts";
import type { Request } from "../web/request.ts";
import { Resource } from "../web/resource.ts";
import { renderBelow } from "./render-below.ts";

/** How a {@link CrossOriginProtection} is made. */
export interface CrossOriginProtectionOptions extends CrossOriginOptions {
  /** Paths that anybody may send anything to, each exactly as in the request line and without a query: `/hooks/payment`. Not those below them. */
  readonly bypass?: readonly string[];
}

/**
 * Around any resource: answers 403 to what a page of another site makes a browser send with a method that changes something. `CrossOriginProtection` of Go 1.25.
 *
 * Methods that change nothing pass, so `GET` must not change anything. Then Sec-Fetch-Site decides; without it Origin must name the host that the request came to; a request
 * with neither comes from no browser and passes. The rule of the site (`SiteOptions.crossOrigin`), which looks at forms and sessions alone, does not count below it.
 *
 * Bypasses are compared with the path as sent, whole, so that no other spelling and no redirect leads through one.
 */
export class CrossOriginProtection extends Resource {
  override isLeaf = true;
  readonly #wrapped: Resource;
  readonly #policy: CrossOriginPolicy;
  readonly #bypass: ReadonlySet<string>;

  /** Throws a TypeError for what is no origin, or no path. */
  constructor(wrapped: Resource, options: CrossOriginProtectionOptions = {}) {
    super();
    const { bypass = [] } = options;
    for (const path of bypass) {
      if (!/^\/[^?#*]*$/.test(path)) throw new TypeError(`${JSON.stringify(path)} is not a path`);
    }
    this.#wrapped = wrapped;
    this.#policy = new CrossOriginPolicy(options);
    this.#bypass = new Set(bypass);
  }

  override render(request: Request): Rendered {
    if (this.#bypass.has(request.path)) request.crossOrigin = undefined;
    else {
      request.crossOrigin = this.#policy;
      this.#policy.check(request);
    }
    return renderBelow(this.#wrapped, request);
  }
}
