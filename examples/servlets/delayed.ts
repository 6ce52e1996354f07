// A response that comes ten seconds later.
import { HttpServlet } from "weftline/servlet";

export class Later extends HttpServlet {
  override processRequest(): void {
    if (this.requestMethod() !== "GET") return this.sendError(405);
    this.sendResponse(200);
    this.sendHeader("Content-Type", "text/plain");
    this.endHeaders();
    this.startTimer(() => this.ready(), 10_000, "ready"); // returns; the connection stays open
  }

  ready(): void {
    this.sendContent("done\n");
    this.endContent();
  }
}
