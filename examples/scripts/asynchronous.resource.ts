// Answers after five seconds; other clients are answered meanwhile.
// What is wrong with it: when the client leaves first, the call is made all the same. See interrupted.resource.ts.
import { NOT_DONE_YET, type Request, Resource } from "weftline";

class Delayed extends Resource {
  override isLeaf = true;

  override render_GET(request: Request) {
    request.setHeader("Content-Type", "text/html; charset=utf-8");
    request.clock.callLater(5000, () => {
      request.write("<html><body>Sorry to keep you waiting.</body></html>");
      request.finish();
    });
    return NOT_DONE_YET;
  }
}

export default new Delayed();
