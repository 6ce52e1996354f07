import type { Rendered } from "../web/body.ts";
import type { Request } from "../web/request.ts";
import { Resource } from "../web/resource.ts";
import { renderBelow } from "./render-below.ts";

/** What the segments of a path, decoded, are to be looked up as. A throw is answered as one in `render`. */
export type RewriteRule = (segments: readonly string[], request: Request) => readonly string[];

/**
 * Around any resource: looks for another path below it than the one that was asked for. Twisted's `RewriterResource`.
 *
 * The rule is asked once a request, with what is left of the path: decoded, the last one empty behind a trailing slash. What it gives becomes `request.postpath`;
 * `request.path` and `request.uri` stay as sent. No redirect is sent: the client does not see it.
 */
export class Rewrite extends Resource {
  override isLeaf = true;
  readonly #wrapped: Resource;
  readonly #rule: RewriteRule;

  constructor(wrapped: Resource, rule: RewriteRule) {
    super();
    this.#wrapped = wrapped;
    this.#rule = rule;
  }

  override render(request: Request): Rendered {
    const segments: unknown = this.#rule(request.postpath, request);
    if (!isPath(segments)) throw new TypeError("a path is rewritten to an array of segments");
    request.redirectPath(segments);
    return renderBelow(this.#wrapped, request);
  }
}

/** Types say so; a program without them may not. */
function isPath(segments: unknown): segments is readonly string[] {
  return Array.isArray(segments) && segments.every((segment) => typeof segment === "string");
}
