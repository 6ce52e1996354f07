// All of it on one port: files with a plugin, names, a place with a password, and addresses that may not come in.
import { join } from "node:path";
import { loadModule, type SiteOptions } from "weftline";
import { FileServer, HttpDaemon, modulePlugin } from "weftline/servlet";
import { isRight } from "./login.ts";
import { App } from "./names.ts";

const PAGES = join(import.meta.dirname, "pages");
const BLOCKED_ADDRESSES: ReadonlySet<string> = new Set(["192.0.2.1"]);

class Daemon extends HttpDaemon {
  override authorise(address: string): boolean {
    return !BLOCKED_ADDRESSES.has(address); // false: reset without an answer
  }
}

class Admin extends FileServer {
  override realm = "the administration";

  override authorise(login: string, password: string): boolean {
    return isRight(login, password); // false: 401; both are empty for a stranger
  }
}

export function makeDaemon(port: number, options: SiteOptions = {}): HttpDaemon {
  const pages = new FileServer(PAGES)
    .index("index.html")
    .hide("layout.ts")
    .plugin(".servlet.ts", modulePlugin(loadModule), ".html");
  return new Daemon(port, "127.0.0.1", options)
    .attach("/", pages)
    .attach("/app", new App())
    .attach("/admin", new Admin(PAGES).index("index.html"));
}
