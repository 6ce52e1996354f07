// Other request bodies: what was posted, of whatever type, as text.
// Try: /
import { html, type Request, Resource } from "weftline";

class Echo extends Resource {
  override isLeaf = true;

  override render_GET() {
    return "Post something: curl --data-binary @FILE\n";
  }

  override async render_POST(request: Request) {
    const text = await request.text();
    return html`<!doctype html><title>Echo</title><pre>${text}</pre>`;
  }
}

export default new Echo();
