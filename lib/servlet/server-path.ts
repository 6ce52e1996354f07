import { HttpError } from "../web/http-error.ts";
import type { Request } from "../web/request.ts";

/** What a path has where there is something to resolve or to refuse. */
const UNUSUAL = /%|\/\/|\/\./;

/** What would be read as more than one segment, or end a file name, once the segments are joined. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const AMBIGUOUS = /[/\\\u0000]/;

/**
 * Makes `request.postpath` what a servlet expects: without empty segments (but for the last, which is a slash at the end), `.` and `..`.
 *
 * Above the root it throws an {@link HttpError} 403, as netsvc. Deviation: a segment with a slash in it (`%2F`), a backslash or a NUL is refused 404, where
 * netsvc takes it for several segments: servlets join what they get.
 */
export function resolvePath(request: Request): void {
  if (!UNUSUAL.test(request.path)) return;
  const given = request.postpath;
  const resolved: string[] = [];
  for (const [index, segment] of given.entries()) {
    if (AMBIGUOUS.test(segment)) throw new HttpError(404);
    const isLast = index === given.length - 1;
    if (segment === "..") {
      if (resolved.pop() === undefined) throw new HttpError(403);
    } else if (segment !== "." && segment !== "") resolved.push(segment);
    if (isLast && (segment === "" || segment === "." || segment === "..")) resolved.push("");
  }
  request.redirectPath(resolved);
}
