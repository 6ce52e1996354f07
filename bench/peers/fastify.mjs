// The reference app on Fastify, with @fastify/static.
import { resolve } from "node:path";
import files from "@fastify/static";
import { fastify } from "fastify";
import {
  BODY_BYTES,
  count,
  hold,
  port,
  ready,
  source,
  staticDirectory,
  stats,
  track,
} from "./reference.mjs";

export function build() {
  const app = fastify({ logger: false, bodyLimit: BODY_BYTES });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));

  app.get("/", (_request, reply) => reply.type("text/plain").send("Hello World\n"));
  app.get("/user/:id", (request, reply) =>
    reply.type("text/plain").send(`user ${request.params.id}\n`),
  );
  app.get("/tree/a/b/c/d", (_request, reply) => reply.type("text/plain").send("leaf\n"));
  app.all("/echo", (request, reply) =>
    reply
      .type("application/octet-stream")
      .header("x-method", request.method)
      .send(request.body ?? Buffer.alloc(0)),
  );
  app.get("/held", (request, reply) => {
    hold(reply.raw, Number(request.query.ms ?? 0), () => reply.type("text/plain").send("done\n"));
  });
  app.get("/stream", (request, reply) => {
    track(reply.raw);
    return reply.type("application/octet-stream").send(source(Number(request.query.bytes ?? 0)));
  });
  app.get("/stats", (_request, reply) => reply.type("application/json").send(stats()));
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      "*",
      { bodyLimit: Number.MAX_SAFE_INTEGER },
      (_request, payload, done) => done(null, payload),
    );
    scope.post("/sink", { bodyLimit: Number.MAX_SAFE_INTEGER }, (request, reply) => {
      count(request.body ?? request.raw, (bytes) => reply.type("text/plain").send(`${bytes}\n`));
    });
  });
  app.register(files, { root: resolve(staticDirectory), prefix: "/static/" });
  return app;
}

if (process.argv[1] === import.meta.filename) {
  const app = build();
  await app.listen({ port, host: "127.0.0.1" });
  ready(app.server.address().port);
}
