// The reference app on Express, with its own static files.
import express from "express";
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

const app = express();

app.get("/", (_request, response) => response.type("text/plain").send("Hello World\n"));
app.get("/user/:id", (request, response) =>
  response.type("text/plain").send(`user ${request.params.id}\n`),
);
app.get("/tree/a/b/c/d", (_request, response) => response.type("text/plain").send("leaf\n"));
app.all("/echo", express.raw({ type: () => true, limit: BODY_BYTES }), (request, response) =>
  response
    .set("X-Method", request.method)
    .type("application/octet-stream")
    .send(request.body ?? Buffer.alloc(0)),
);
app.post("/sink", (request, response) => {
  count(request, (bytes) => response.type("text/plain").send(`${bytes}\n`));
});
app.get("/held", (request, response) => {
  hold(response, Number(request.query.ms ?? 0), () => response.type("text/plain").send("done\n"));
});
app.get("/stream", (request, response) => {
  track(response);
  const bytes = source(Number(request.query.bytes ?? 0));
  response.once("close", () => bytes.destroy());
  bytes.pipe(response.type("application/octet-stream"));
});
app.get("/stats", (_request, response) => response.type("application/json").send(stats()));
app.use("/static", express.static(staticDirectory));

const server = app.listen(port, "127.0.0.1", () => ready(server.address().port));
