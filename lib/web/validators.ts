import { evaluate } from "../fields/conditional.ts";
import { formatHttpDate, parseHttpDate } from "../fields/date.ts";
import type { Headers } from "../http/headers.ts";

interface Conditional {
  readonly method: string;
  readonly headers: Headers;
  readonly responseHeaders: Headers;
  setResponseCode(code: number): void;
}

/**
 * Whether the client's copy is current, by the Last-Modified and ETag that the response has so far; sets 304 or 412 when the body is not needed.
 *
 * All preconditions are weighed together each time (RFC 9110 section 13.2.2), so the order in which the two were set does not matter.
 */
export function isCurrent(request: Conditional): boolean {
  const { responseHeaders } = request;
  const changed = responseHeaders.get("last-modified");
  const evaluation = evaluate(request.method, request.headers, {
    etag: responseHeaders.get("etag") ?? undefined,
    lastModified: changed === null ? undefined : parseHttpDate(changed),
  });
  if (evaluation === "proceed") return false;
  request.setResponseCode(evaluation === "not modified" ? 304 : 412);
  return true;
}

/** Last-Modified only moves forward: of several parts the youngest counts. */
export function setLastModified(request: Conditional, when: Date): boolean {
  const before = request.responseHeaders.get("last-modified");
  const time = Math.max(when.getTime(), (before === null ? undefined : parseHttpDate(before)) ?? 0);
  request.responseHeaders.set("Last-Modified", formatHttpDate(time));
  return isCurrent(request);
}

const ETAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;

export function setETag(request: Conditional, tag: string): boolean {
  if (!ETAG.test(tag)) throw new TypeError('an entity tag is written "…" or W/"…"');
  request.responseHeaders.set("ETag", tag);
  return isCurrent(request);
}
