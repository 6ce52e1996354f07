// As interrupted.resource.ts, as an async function: the wait is given up when the client leaves.
import { deferLater, type Request, Resource } from "weftline";

class Delayed extends Resource {
  override isLeaf = true;

  override async render_GET(request: Request) {
    request.setHeader("Content-Type", "text/html; charset=utf-8");
    const wait = deferLater(request.clock, 5000);
    request.onDisconnect(() => wait.cancel());
    await wait;
    return "<html><body>Sorry to keep you waiting.</body></html>";
  }
}

export default new Delayed();
