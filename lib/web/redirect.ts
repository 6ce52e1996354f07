import { escapeHtml } from "./escape.ts";

interface Target {
  setResponseCode(code: number): void;
  setHeader(name: string, value: string): void;
}

/** 300 to 399 with a Location that clients follow (RFC 9110 section 15.4). */
export const REDIRECT_CODES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** What a browser would not take as a path on this very host: an authority, a backslash that it reads as a slash, a scheme, blanks and controls that it drops. */
// oxlint-disable-next-line no-control-regex -- they are what is refused
const NOT_LOCAL = /^\s|^[/\\]{2}|[\u0000-\u0020\u007f-\u{10ffff}\\]|^[a-zA-Z][a-zA-Z0-9+.-]*:/u;

/** Whether a redirect to it stays on this host: a path, a relative reference, a query. */
export function isLocal(url: string): boolean {
  return url !== "" && !NOT_LOCAL.test(url);
}

/** Makes the answer a redirect within this host, as given: nothing is encoded after it was checked. */
export function localRedirect(request: Target, url: string, code: number): string {
  if (!isLocal(url)) throw new TypeError("a redirect must stay on this host: give a path");
  return redirect(request, url, code);
}

/** Makes the answer a redirect to `url`, which the caller has checked, and returns its page. */
export function redirect(request: Target, url: string, code: number): string {
  if (!REDIRECT_CODES.has(code)) throw new RangeError(`${code} is not the status of a redirect`);
  request.setResponseCode(code);
  request.setHeader("Location", url);
  request.setHeader("Content-Type", "text/html; charset=utf-8");
  const link = escapeHtml(url);
  return `<!doctype html>\n<title>Redirect</title>\n<p>Go to <a href="${link}">${link}</a>.</p>\n`;
}
