// Answers after five seconds, unless the client leaves first: then the call is cancelled.
import { NOT_DONE_YET, type Request, Resource } from "weftline";

class Delayed extends Resource {
  override isLeaf = true;

  override render_GET(request: Request) {
    request.setHeader("Content-Type", "text/html; charset=utf-8");
    const call = request.clock.callLater(5000, () => {
      request.write("<html><body>Sorry to keep you waiting.</body></html>");
      request.finish();
    });
    request.notifyFinish().catch(() => call.cancel());
    return NOT_DONE_YET;
  }
}

export default new Delayed();
