// A server object of one's own, which maps names to servlets.
import type { Request } from "weftline";
import {
  EchoServlet,
  FileServlet,
  HttpServer,
  type HttpServlet,
  RedirectServlet,
} from "weftline/servlet";
import { Batch } from "./batch.ts";
import { Later } from "./delayed.ts";
import { Login } from "./login.ts";
import { Upload } from "./upload.ts";

const SERVLETS: Readonly<Record<string, new (request: Request) => HttpServlet>> = {
  batch: Batch,
  echo: EchoServlet,
  later: Later,
  login: Login,
  upload: Upload,
};

export class App extends HttpServer {
  override servlet(request: Request): HttpServlet | undefined {
    const path = request.postpath.join("/");
    if (path === "old") return new RedirectServlet(request, "/app/login", 301);
    if (path === "source") return new FileServlet(request, import.meta.filename, "text/plain");
    const Servlet = Object.hasOwn(SERVLETS, path) ? SERVLETS[path] : undefined;
    return Servlet && new Servlet(request); // without one 404
  }
}
