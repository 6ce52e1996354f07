import { HttpServlet } from "weftline/servlet";

/** What all pages look like. */
export class Layout extends HttpServlet {
  show(title: string, text: string): void {
    this.sendResponse(200);
    this.sendHeader("Content-Type", "text/html; charset=utf-8");
    this.endHeaders();
    this.sendContent(`<!doctype html><title>${title}</title>\n<h1>${title}</h1>\n<p>${text}</p>\n`);
    this.endContent();
  }
}
