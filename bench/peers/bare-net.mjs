// Not a server: a floor. Whatever comes is answered with one fixed text, with a look at its first letter alone. This is what `node:net` itself takes.
import { createServer } from "node:net";
import { port, ready } from "./reference.mjs";

const FIELDS =
  "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n";

function answer(body) {
  return `${FIELDS}Content-Length: ${body.length}\r\n\r\n${body}`;
}

const SHORT = answer("Hello World\n");
const LONG = answer("x".repeat(1024));
const POST = "P".charCodeAt(0);

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("data", (bytes) => socket.write(bytes[0] === POST ? LONG : SHORT, "latin1"));
  socket.on("error", () => undefined);
});
server.listen(port, "127.0.0.1", () => ready(server.address().port));
