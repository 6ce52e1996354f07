import { HttpServer, type ServletFactory } from "../../lib/servlet/http-server.ts";
import type { DestroyReason, HttpServlet } from "../../lib/servlet/http-servlet.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { TestClient } from "../../lib/testing/test-client.ts";
import { type Logger, logTo } from "../../lib/web/log.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";
import { Site, type SiteOptions } from "../../lib/web/site.ts";

/** A log that nobody reads. */
export const QUIET_LOG: Logger = logTo(() => undefined);

/** A site in memory with a server object, and what its log has. */
export interface Served {
  readonly clock: FakeClock;
  readonly client: TestClient;
  readonly site: Site;
  readonly lines: string[];
}

/** Serves a root, or the servlets that a function makes. */
export function serve(root: Resource | ServletFactory, options: SiteOptions = {}): Served {
  const clock = new FakeClock();
  const lines: string[] = [];
  const log = logTo((line) => lines.push(line));
  const server = typeof root === "function" ? new HttpServer(root) : root;
  const site = new Site(server, { clock, log, ...options });
  return { clock, site, client: new TestClient(site), lines };
}

/** Answers with a text, whatever is left of the path. */
export class Text extends Resource {
  override isLeaf = true;
  readonly #text: string;

  constructor(text: string) {
    super();
    this.#text = text;
  }

  override render_GET(): string {
    return this.#text;
  }
}

/** What happened to servlets, in order. */
export class Diary {
  readonly entries: string[] = [];

  note(entry: string): void {
    this.entries.push(entry);
  }

  noteEnd(reason: DestroyReason): void {
    this.note(`destroyed: ${reason === "finished" ? reason : reason.reason}`);
  }
}

type ServletClass = new (request: Request) => HttpServlet;

/** A factory of servlets of a class, in which what happens is noted. */
export function noted(Servlet: ServletClass, diary: Diary): ServletFactory {
  return (request) => {
    const servlet = new Servlet(request);
    const destroy = servlet.destroyServlet.bind(servlet);
    servlet.destroyServlet = (reason) => {
      diary.noteEnd(reason);
      return destroy(reason);
    };
    return servlet;
  };
}
