import { escapeHtml } from "../web/escape.ts";
import { HttpServlet } from "./http-servlet.ts";

/**
 * Shows what was asked, as a page: method, path, fields, and the content as it comes, escaped. netsvc's `EchoServlet`, for debugging.
 *
 * It shows cookies and passwords to whoever sent them, and to nobody else.
 */
export class EchoServlet extends HttpServlet {
  readonly #text = new TextDecoder();

  override processRequest(): void {
    this.sendResponse(200);
    this.sendHeader("Content-Type", "text/html; charset=utf-8");
    this.sendHeader("Cache-Control", "no-store");
    this.endHeaders();
    this.sendContent(
      `<!doctype html>\n<title>Echo</title>\n<table>\n${this.#rows()}</table>\n<pre>`,
    );
  }

  override processContent(content: Uint8Array): void {
    this.sendContent(escapeHtml(this.#text.decode(content, { stream: true })));
  }

  override processContentEnd(): void {
    this.sendContent(`${escapeHtml(this.#text.decode())}</pre>\n`);
    this.endContent();
  }

  #rows(): string {
    const about: [string, string][] = [
      ["method", this.requestMethod()],
      ["url", this.url()],
      ["path", this.requestPath()],
      ["server path", this.serverPath()],
      ["servlet path", this.servletPath()],
      ["query", this.queryString()],
      ["protocol", this.protocolVersion()],
      ["client", this.clientHost()],
      ["user", this.remoteUser()],
      ...this.headers(),
    ];
    return about.map(([name, value]) => `<tr>${cell(name)}${cell(value)}</tr>\n`).join("");
  }
}

function cell(text: string): string {
  return `<td>${escapeHtml(text)}</td>`;
}
