// As asynchronous.resource.ts, as an async function: what it returns is the body.
import { deferLater, type Request, Resource } from "weftline";

class Delayed extends Resource {
  override isLeaf = true;

  override async render_GET(request: Request) {
    request.setHeader("Content-Type", "text/html; charset=utf-8");
    await deferLater(request.clock, 5000);
    return "<html><body>Sorry to keep you waiting.</body></html>";
  }
}

export default new Delayed();
