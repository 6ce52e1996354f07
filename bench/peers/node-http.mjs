// The reference app on raw node:http, written as tightly as its API allows; static files by sirv.
import { createServer } from "node:http";
import sirv from "sirv";
import {
  collect,
  count,
  hold,
  piece,
  port,
  ready,
  staticDirectory,
  stats,
  track,
} from "./reference.mjs";

const files = sirv(staticDirectory, { dev: false, etag: true });

function text(response, body) {
  response.writeHead(200, {
    "Content-Type": "text/plain",
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
}

function refuse(response, status) {
  response.writeHead(status, { "Content-Length": 0 });
  response.end();
}

function echo(request, response) {
  collect(request, (body) => {
    if (body === undefined) return refuse(response, 413);
    response.writeHead(200, {
      "Content-Type": "application/octet-stream",
      "Content-Length": body.length,
      "X-Method": request.method,
    });
    response.end(body);
  });
}

function stream(response, bytes) {
  let left = bytes;
  track(response);
  response.writeHead(200, { "Content-Type": "application/octet-stream" });
  const more = () => {
    while (left > 0) {
      const next = piece(left);
      left -= next.length;
      if (!response.write(next)) return response.once("drain", more);
    }
    return response.end();
  };
  more();
}

function number(url, name) {
  return Number(new URLSearchParams(url.slice(url.indexOf("?") + 1)).get(name) ?? 0);
}

function serveFile(request, response) {
  request.url = request.url.slice("/static".length);
  files(request, response, () => refuse(response, 404));
}

function route(request, response) {
  const { url } = request;
  if (url === "/") return text(response, "Hello World\n");
  if (url === "/tree/a/b/c/d") return text(response, "leaf\n");
  if (url.startsWith("/user/")) return text(response, `user ${decodeURIComponent(url.slice(6))}\n`);
  if (url === "/echo") return echo(request, response);
  if (url === "/sink") return count(request, (bytes) => text(response, `${bytes}\n`));
  if (url.startsWith("/held?"))
    return hold(response, number(url, "ms"), () => text(response, "done\n"));
  if (url.startsWith("/stream?")) return stream(response, number(url, "bytes"));
  if (url === "/stats") return text(response, stats());
  if (url.startsWith("/static/")) return serveFile(request, response);
  return refuse(response, 404);
}

const server = createServer(route);
server.listen(port, "127.0.0.1", () => ready(server.address().port));
