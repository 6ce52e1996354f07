import { NOT_DONE_YET, type Request, Resource } from "weftline";

class Patience extends Resource {
  override isLeaf = true;

  override render_GET(request: Request) {
    request.setHeader("Content-Type", "text/plain; charset=utf-8");
    // Cancelled when the client leaves.
    request.callLater(5000, () => {
      request.write("Sorry to keep you waiting.\n");
      request.finish();
    });
    return NOT_DONE_YET;
  }
}

export default new Patience();
