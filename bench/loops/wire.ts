// `wire.ts weftline|node-http`: the bytes of a browser's request in, the bytes of the answer out, over a connection in memory.
import { createServer } from "node:http";
import { duplexPair } from "node:stream";
import { type Request, Resource, Site } from "weftline";
import { memoryPair } from "../../lib/transport/memory.ts";
import { BROWSER_FIELDS, requestText } from "../load/request-text.ts";
import { repeat } from "./repeat.ts";

const { before, after } = requestText("/", { fields: BROWSER_FIELDS });
let counter = 100_000_000;

function next(): Buffer {
  counter += 1;
  return Buffer.from(before + counter + after, "latin1");
}

class Hello extends Resource {
  override render_GET(request: Request): string {
    request.setHeader("Content-Type", "text/plain");
    return "Hello World\n";
  }
}

async function weftline(): Promise<void> {
  const { server, client } = memoryPair();
  let received = 0;
  new Site(new Hello()).serve(server);
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
    client.write(next());
    return received > 0 || undefined;
  });
}

async function nodeHttp(): Promise<void> {
  const [client, connection] = duplexPair();
  const server = createServer((_request, response) => {
    response.writeHead(200, { "Content-Type": "text/plain", "Content-Length": 12 });
    response.end("Hello World\n");
  });
  server.emit("connection", connection);
  await repeat(
    () =>
      new Promise((resolve) => {
        client.once("data", resolve);
        client.write(next());
      }),
  );
}

await (process.argv[2] === "weftline" ? weftline() : nodeHttp());
process.exit(0);
