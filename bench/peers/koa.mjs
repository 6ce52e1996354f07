// The reference app on Koa, with koa-static. Koa brings no router: a switch is the least that one would cost.
import Koa from "koa";
import files from "koa-static";
import {
  collect,
  count,
  hold,
  port,
  ready,
  source,
  staticDirectory,
  stats,
  track,
} from "./reference.mjs";

const serveFile = files(staticDirectory);

function text(context, body) {
  context.type = "text/plain";
  context.body = body;
}

async function echo(context) {
  const body = await new Promise((resolve) => collect(context.req, resolve));
  if (body === undefined) {
    context.status = 413;
    return;
  }
  context.set("X-Method", context.method);
  context.type = "application/octet-stream";
  context.body = body;
}

function stream(context) {
  track(context.res);
  context.type = "application/octet-stream";
  context.body = source(Number(context.query.bytes ?? 0));
}

const app = new Koa();
app.silent = true;
app.use(async (context, next) => {
  const { path } = context;
  switch (path) {
    case "/":
      return text(context, "Hello World\n");
    case "/tree/a/b/c/d":
      return text(context, "leaf\n");
    case "/echo":
      return echo(context);
    case "/sink":
      return text(context, `${await new Promise((resolve) => count(context.req, resolve))}\n`);
    case "/held":
      await new Promise((resolve) => hold(context.res, Number(context.query.ms ?? 0), resolve));
      return text(context, "done\n");
    case "/stream":
      return stream(context);
    case "/stats":
      context.type = "application/json";
      context.body = stats();
      return undefined;
    default:
      if (path.startsWith("/user/"))
        return text(context, `user ${decodeURIComponent(path.slice(6))}\n`);
      return next();
  }
});
app.use((context, next) => {
  if (!context.path.startsWith("/static/")) return next();
  context.path = context.path.slice("/static".length);
  return serveFile(context, next);
});

const server = app.listen(port, "127.0.0.1", () => ready(server.address().port));
