import { renderBelow } from "../resources/render-below.ts";
import type { Rendered } from "../web/body.ts";
import { HttpError } from "../web/http-error.ts";
import type { Request } from "../web/request.ts";
import { Resource } from "../web/resource.ts";
import { resolvePath } from "./server-path.ts";

/** One segment of mount paths. */
interface Place {
  readonly below: Map<string, Place>;
  server: Resource | undefined;
}

/** Server objects by the path at which they are mounted. The deepest one that a path leads to answers, with the rest of the path; none is 404. */
export class Mounts extends Resource {
  override isLeaf = true;
  readonly #root = newPlace();

  /** Puts `server` at `path`, in the place of what was there. A path that could never match throws a TypeError. */
  put(path: string, server: Resource): void {
    let place = this.#root;
    for (const segment of segmentsOf(path)) {
      const next = place.below.get(segment) ?? newPlace();
      place.below.set(segment, next);
      place = next;
    }
    place.server = server;
  }

  /** Whether there was one. */
  remove(path: string): boolean {
    let place: Place | undefined = this.#root;
    for (const segment of segmentsOf(path)) place = place?.below.get(segment);
    if (place?.server === undefined) return false;
    place.server = undefined;
    return true;
  }

  override render(request: Request): Rendered {
    resolvePath(request);
    let { server } = this.#root;
    let depth = 0;
    let place: Place | undefined = this.#root;
    for (const [index, segment] of request.postpath.entries()) {
      place = place.below.get(segment);
      if (place === undefined) break;
      if (place.server === undefined) continue;
      ({ server } = place);
      depth = index + 1;
    }
    if (server === undefined) throw new HttpError(404);
    for (let taken = 0; taken < depth; taken += 1) request.descend();
    return renderBelow(server, request);
  }
}

function newPlace(): Place {
  return { below: new Map(), server: undefined };
}

/** What no decoded, resolved path has. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const IMPOSSIBLE = /[\\\u0000]/;

/** The segments of a mount path: none for the root. */
function segmentsOf(path: string): readonly string[] {
  if (path === "/") return [];
  const [first, ...segments] = path.split("/");
  if (first === "" && segments.length > 0 && segments.every(isPossible)) return segments;
  throw new TypeError(
    `nothing would ever be found at ${JSON.stringify(path)}: give a decoded path such as "/" or "/logs", without a slash at the end, "//", "." or ".."`,
  );
}

function isPossible(segment: string): boolean {
  return segment !== "" && segment !== "." && segment !== ".." && !IMPOSSIBLE.test(segment);
}
