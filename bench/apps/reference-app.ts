import { File, NOT_DONE_YET, type NotDoneYet, type Request, Resource } from "weftline";

/** Counts the requests to `/held` and `/stream`. What `/stats` tells. */
class Waits {
  pending = 0;
  cancelled = 0;
  finished = 0;

  /** Counts a request as pending, and as cancelled if the client leaves before {@link end}. */
  begin(request: Request): Disposable {
    this.pending += 1;
    return request.onDisconnect(() => {
      this.pending -= 1;
      this.cancelled += 1;
    });
  }

  /** Counts it as finished. Takes what `begin` gave. */
  end(leaving: Disposable): void {
    leaving[Symbol.dispose]();
    this.pending -= 1;
    this.finished += 1;
  }
}

/**
 * The tree that benchmarks and outside checks load, the same as every peer's: see the table of README.md.
 *
 * Files under `/static` come from `staticDirectory`.
 */
export function referenceApp(staticDirectory: string): Resource {
  const waits = new Waits();
  const files = process.env["STATIC_DIR"];
  const root = new Text("Hello World\n");
  if (files !== undefined) root.putChild("static", new File(files));
  return root
    .putChild("echo", new Echo())
    .putChild("sink", new Sink())
    .putChild("user", new Users())
    .putChild("tree", tree(["a", "b", "c", "d"]))
    .putChild("held", new Held(waits))
    .putChild("stream", new Stream(waits))
    .putChild("stats", new Stats(waits))
    .putChild("static", new File(staticDirectory));
}

/** A leaf behind so many static children. */
export function tree(names: readonly string[]): Resource {
  const [name, ...rest] = names;
  return name === undefined ? new Text("leaf\n") : new Resource().putChild(name, tree(rest));
}

function text(request: Request, body: string): string {
  request.setHeader("Content-Type", "text/plain");
  return body;
}

class Text extends Resource {
  readonly #body: string;

  constructor(body: string) {
    super();
    this.#body = body;
  }

  override render_GET(request: Request): string {
    return text(request, this.#body);
  }
}

class Users extends Resource {
  override getChild(name: string): Resource {
    return new Text(`user ${name}\n`);
  }
}

class Echo extends Resource {
  override async render(request: Request): Promise<Uint8Array> {
    const body = await request.bytes();
    request.setHeader("Content-Type", "application/octet-stream");
    request.setHeader("X-Method", request.method);
    return body;
  }
}

class Sink extends Resource {
  override async render_POST(request: Request): Promise<string> {
    let length = 0;
    for await (const bytes of request.body) length += bytes.length;
    return text(request, `${length}\n`);
  }
}

class Held extends Resource {
  readonly #waits: Waits;

  constructor(waits: Waits) {
    super();
    this.#waits = waits;
  }

  override render_GET(request: Request): NotDoneYet {
    const leaving = this.#waits.begin(request);
    request.callLater(Number(request.query.get("ms") ?? 0), () => {
      this.#waits.end(leaving);
      request.setHeader("Content-Type", "text/plain");
      request.setHeader("Content-Length", "5");
      request.write("done\n");
      request.finish();
    });
    return NOT_DONE_YET;
  }
}

const PIECE = new Uint8Array(64 * 1024).fill(0x78);

class Stream extends Resource {
  readonly #waits: Waits;

  constructor(waits: Waits) {
    super();
    this.#waits = waits;
  }

  override render_GET(request: Request): AsyncIterable<Uint8Array> {
    request.setHeader("Content-Type", "application/octet-stream");
    return this.#pieces(Number(request.query.get("bytes") ?? 0), this.#waits.begin(request));
  }

  async *#pieces(bytes: number, leaving: Disposable): AsyncGenerator<Uint8Array> {
    for (let left = bytes; left > 0; left -= PIECE.length) {
      yield left < PIECE.length ? PIECE.subarray(0, left) : PIECE;
    }
    this.#waits.end(leaving);
  }
}

class Stats extends Resource {
  readonly #waits: Waits;

  constructor(waits: Waits) {
    super();
    this.#waits = waits;
  }

  override render_GET(request: Request): string {
    const { rss, heapUsed } = process.memoryUsage();
    const { pending, cancelled, finished } = this.#waits;
    request.setHeader("Content-Type", "application/json");
    return JSON.stringify({ pending, cancelled, finished, rss, heap: heapUsed });
  }
}
