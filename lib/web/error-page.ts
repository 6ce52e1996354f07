import { inspect } from "node:util";
import { PHRASES } from "../http/status.ts";
import { escapeHtml } from "./escape.ts";

/** What is known of an error that is to be shown. */
export interface ErrorPage {
  /** 400 to 599. */
  readonly status: number;
  /** What the resource said to the client; not escaped. Empty: nothing. */
  readonly message: string;
  /** What was thrown; only where tracebacks are to be shown. */
  readonly error: unknown;
}

/** The one look of all error pages: status, phrase, and what the resource said; nothing of the request. */
export function renderErrorPage({ status, message, error }: ErrorPage): string {
  const title = `${status} ${PHRASES[status] ?? ""}`;
  const said = message === "" ? "" : `<p>${escapeHtml(message)}</p>\n`;
  const trace = error === undefined ? "" : `<pre>${escapeHtml(inspect(error))}</pre>\n`;
  return `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>${title}</title>\n<style>:root{color-scheme:light dark;font-family:system-ui}body{margin:3em auto;max-width:40em;padding:0 1em}p{white-space:pre-line}</style>\n<h1>${title}</h1>\n${said}${trace}</html>\n`;
}
