import { NOT_DONE_YET, type Rendered } from "../web/body.ts";
import { find } from "../web/dispatch.ts";
import type { Request } from "../web/request.ts";
import type { Resource } from "../web/resource.ts";

/**
 * Has `resource`, or what the rest of the path leads to below it, answer: what a wrapper that is a leaf does in the end.
 *
 * Children are found as if the wrapper were not there. In this very call, where none is promised.
 */
export function renderBelow(resource: Resource, request: Request): Rendered {
  const found = find(resource, request);
  if (!(found instanceof Promise)) return found.render(request);
  return found.then((later) => (request.phase === "lost" ? NOT_DONE_YET : later.render(request)));
}
