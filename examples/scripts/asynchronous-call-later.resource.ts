// As asynchronous.resource.ts, with a delayed call that belongs to the request: it is cancelled when the client leaves.
import { NOT_DONE_YET, type Request, Resource } from "weftline";

class Delayed extends Resource {
  override isLeaf = true;

  override render_GET(request: Request) {
    request.setHeader("Content-Type", "text/html; charset=utf-8");
    request.callLater(5000, () => {
      request.write("<html><body>Sorry to keep you waiting.</body></html>");
      request.finish();
    });
    return NOT_DONE_YET;
  }
}

export default new Delayed();
