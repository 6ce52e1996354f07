// Interrupted: a wait that ends when the client leaves.
// Try: / /short
import { NOT_DONE_YET, type Request, Resource } from "weftline";

class Delayed extends Resource {
  override render_GET(request: Request) {
    const call = request.clock.callLater(5_000, () => {
      request.write("Sorry to keep you waiting.\n");
      request.finish();
    });
    request.notifyFinish().catch(() => call.cancel()); // the client left: nobody is waiting
    return NOT_DONE_YET;
  }
}

/** The same: a delayed call of the request is cancelled with it. */
class DelayedInShort extends Resource {
  override render_GET(request: Request) {
    request.callLater(5_000, () => {
      request.write("Sorry to keep you waiting.\n");
      request.finish();
    });
    return NOT_DONE_YET;
  }
}

export default new Delayed().putChild("short", new DelayedInShort());
