// The reference app on Hono, on Node by @hono/node-server, with its static files.
import { serve } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import {
  BODY_BYTES,
  hold,
  piece,
  port,
  ready,
  staticDirectory,
  stats,
  track,
} from "./reference.mjs";

const app = new Hono();

app.get("/", (c) => c.text("Hello World\n"));
app.get("/user/:id", (c) => c.text(`user ${c.req.param("id")}\n`));
app.get("/tree/a/b/c/d", (c) => c.text("leaf\n"));
app.all("/echo", bodyLimit({ maxSize: BODY_BYTES }), async (c) => {
  const fields = { "Content-Type": "application/octet-stream", "X-Method": c.req.method };
  return c.body(await c.req.arrayBuffer(), 200, fields);
});
app.post("/sink", async (c) => {
  let length = 0;
  for await (const bytes of c.req.raw.body ?? []) length += bytes.length;
  return c.text(`${length}\n`);
});
app.get(
  "/held",
  (c) =>
    new Promise((resolve) => {
      hold(c.env.outgoing, Number(c.req.query("ms") ?? 0), () => resolve(c.text("done\n")));
    }),
);
app.get("/stream", (c) => {
  let left = Number(c.req.query("bytes") ?? 0);
  track(c.env.outgoing);
  const body = new ReadableStream({
    pull(controller) {
      if (left === 0) return controller.close();
      const next = piece(left);
      left -= next.length;
      return controller.enqueue(next);
    },
  });
  return c.body(body, 200, { "Content-Type": "application/octet-stream" });
});
app.get("/stats", (c) => c.body(stats(), 200, { "Content-Type": "application/json" }));
app.use(
  "/static/*",
  serveStatic({
    root: staticDirectory,
    rewriteRequestPath: (path) => path.slice("/static".length),
  }),
);

serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, (info) => ready(info.port));
