// Asynchronous, with a Deferred: the same wait as a value, with a callback, and as an async function.
// Try: /callback /async
import { deferLater, NOT_DONE_YET, type Request, Resource } from "weftline";

class WithCallback extends Resource {
  override render_GET(request: Request) {
    const wait = deferLater(request.clock, 5_000, () => request);
    wait.addCallback((waiting) => {
      waiting.write("Sorry to keep you waiting.\n");
      waiting.finish();
    });
    return NOT_DONE_YET;
  }
}

class WithAsync extends Resource {
  override async render_GET(request: Request) {
    await deferLater(request.clock, 5_000);
    return "Sorry to keep you waiting.\n";
  }
}

export default new Resource()
  .putChild("callback", new WithCallback())
  .putChild("async", new WithAsync());
