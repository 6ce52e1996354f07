// Answers for its name and for everything below it.
import { type Request, Resource } from "weftline";

class Hello extends Resource {
  override isLeaf = true;

  override render_GET(request: Request) {
    request.setHeader("Content-Type", "text/plain; charset=utf-8");
    return `Hello, ${request.postpath.join(" and ") || "world"}!\n`;
  }
}

export default new Hello();
