// `servlet.ts servlet|resource`: the same small answer by a servlet and by a resource, the bytes of a browser's request in and those of the answer out, in memory.
import { type Request, Resource, Site } from "weftline";
import { HttpServer, HttpServlet } from "weftline/servlet";
import { memoryPair } from "../../lib/transport/memory.ts";
import { BROWSER_FIELDS, requestText } from "../load/request-text.ts";
import { repeat } from "./repeat.ts";

class HelloResource extends Resource {
  override isLeaf = true;

  override render_GET(request: Request): string {
    request.setHeader("Content-Type", "text/plain");
    return "Hello World\n";
  }
}

class HelloServlet extends HttpServlet {
  override processRequest(): void {
    this.sendResponse(200);
    this.sendHeader("Content-Type", "text/plain");
    this.endHeaders();
    this.sendContent("Hello World\n");
    this.endContent();
  }
}

const { before, after } = requestText("/", { fields: BROWSER_FIELDS });
const root =
  process.argv[2] === "servlet"
    ? new HttpServer((request) => new HelloServlet(request))
    : new HelloResource();
const { server, client } = memoryPair();
let counter = 100_000_000;
let received = 0;
new Site(root).serve(server);
client.start({
  received: (bytes) => {
    received += bytes.length;
  },
  ended: () => undefined,
  drained: () => undefined,
  lost: () => undefined,
});
await repeat(() => {
  received = 0;
  counter += 1;
  client.write(Buffer.from(before + counter + after, "latin1"));
  return received > 0 || undefined;
});
process.exit(0);
