// Dynamic content: a page that is made anew for each request.
// Try: / /any/path
import { html, type Request, Resource } from "weftline";

class ClockPage extends Resource {
  override isLeaf = true;

  override render_GET(request: Request) {
    const seconds = Math.floor(request.clock.now() / 1_000);
    return html`<!doctype html><title>Clock</title><p>The clock stands at ${seconds} s.</p>`;
  }
}

export default new ClockPage();
