// Asynchronous: an answer after five seconds; others are answered meanwhile.
// Try: /
import { NOT_DONE_YET, type Request, Resource } from "weftline";

class Delayed extends Resource {
  override isLeaf = true;

  override render_GET(request: Request) {
    request.clock.callLater(5_000, () => {
      request.write("Sorry to keep you waiting.\n");
      request.finish();
    });
    return NOT_DONE_YET;
  }
}

export default new Delayed();
