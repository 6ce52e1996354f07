// Logging errors: who left too early is written to the log, with the reason.
// Try: /
import { NOT_DONE_YET, type Request, Resource } from "weftline";

class Delayed extends Resource {
  override isLeaf = true;

  override render_GET(request: Request) {
    request.callLater(5_000, () => {
      request.write("Sorry to keep you waiting.\n");
      request.finish();
    });
    request.onDisconnect((reason) => {
      request.site.log.warn({ id: request.id, reason: reason.message }, "nobody waits any more");
    });
    return NOT_DONE_YET;
  }
}

export default new Delayed();
