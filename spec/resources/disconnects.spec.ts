import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Data } from "../../lib/resources/data.ts";
import { File } from "../../lib/resources/file.ts";
import { html } from "../../lib/resources/html.ts";
import { Redirect } from "../../lib/resources/redirect.ts";
import { exploreDisconnects } from "../../lib/testing/explore-disconnects.ts";
import type { Drive } from "../../lib/testing/stage.ts";
import type { Rendered } from "../../lib/web/body.ts";
import { HttpError } from "../../lib/web/http-error.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";
import { SessionSlot } from "../../lib/web/session.ts";

// Every resource of the toolkit has a line here: whenever and however its client leaves, it leaves nothing behind.

class Leaf extends Resource {
  override isLeaf = true;
  readonly #render: (request: Request) => Rendered;

  constructor(render: (request: Request) => Rendered) {
    super();
    this.#render = render;
  }

  override render(request: Request): Rendered {
    return this.#render(request);
  }
}

const VISITS = new SessionSlot("visits", () => 0);

let folder = "";

/** Has the file of a form be written to disk, and reads it. */
async function readForm(request: Request): Promise<string> {
  const form = await request.form();
  return String([...form].length);
}

async function countBody(request: Request): Promise<string> {
  let count = 0;
  for await (const piece of request.body) count += piece.length;
  return String(count);
}

async function countVisits(request: Request): Promise<string> {
  const session = await request.session();
  await session.set(VISITS, session.get(VISITS) + 1);
  return "welcome";
}

async function refuseLate(): Promise<string> {
  await Promise.resolve();
  throw new HttpError(403);
}

const later = async (): Promise<string> => Promise.resolve("later");

const get =
  (path: string, headers: Record<string, string> = {}): Drive =>
  (client) =>
    client.get(path, { headers });

const CASES: readonly (readonly [title: string, site: () => Resource, drive: Drive])[] = [
  ["a small file", () => new File(folder), get("/small.txt")],
  ["a large file", () => new File(folder), get("/large.bin")],
  [
    "a large file, read slowly",
    () => new File(folder),
    (client) => client.get("/large.bin", { reader: { bytesPerSecond: 1_000_000 } }),
  ],
  [
    "ranges of a file",
    () => new File(folder),
    get("/large.bin", { Range: "bytes=0-9,99999-300000" }),
  ],
  ["a file that there is not", () => new File(folder), get("/nothing")],
  ["a folder", () => new File(folder), get("/")],
  ["constant data", () => new Data("data", "text/plain"), get("/")],
  ["a redirect", () => new Redirect("/x"), get("/")],
  ["a page with holes that come later", () => new Leaf(() => html`<p>${later()}</p>`), get("/")],
  ["a refusal that comes later", () => new Leaf(refuseLate), get("/")],
  [
    "a session that is begun and used",
    () => new Leaf(countVisits),
    async (client) => {
      await client.get("/");
      await client.get("/");
    },
  ],
  [
    "a whole body",
    () => new Leaf((request) => request.bytes()),
    (client) => client.post("/", { body: "some text" }),
  ],
  [
    "a body in pieces",
    () => new Leaf(countBody),
    (client) => client.post("/", { body: ["some", "text"] }),
  ],
  [
    "an expected body",
    () => new Leaf(countBody),
    (client) => client.post("/", { body: "some text", expectContinue: true }),
  ],
  [
    "a form with a file",
    () => new Leaf(readForm),
    (client) => {
      const form = new FormData();
      form.set("name", "value");
      form.set("file", new Blob(["x".repeat(100_000)]), "x.txt");
      return client.post("/", { body: form });
    },
  ],
];

describe("resources/disconnects", function suite() {
  this.timeout(30_000);
  this.slow(4_000);

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "weftline-disconnects-"));
    writeFileSync(join(folder, "small.txt"), "small");
    writeFileSync(join(folder, "large.bin"), Buffer.alloc(400_000, "x"));
    writeFileSync(join(folder, "index.html"), "<p>index");
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  for (const [title, site, drive] of CASES) {
    it(`leaves nothing of ${title}, whenever its client leaves`, async () => {
      (await exploreDisconnects({ site, drive })).assertClean();
    });
  }
});
