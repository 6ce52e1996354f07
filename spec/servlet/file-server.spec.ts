import { symlinkSync } from "node:fs";
import { expect } from "chai";
import { loadModule } from "../../lib/scripts/script-loader.ts";
import { FileServer } from "../../lib/servlet/file-server.ts";
import { FileServlet } from "../../lib/servlet/file-servlet.ts";
import { HttpServlet } from "../../lib/servlet/http-servlet.ts";
import { modulePlugin, type ServletModule } from "../../lib/servlet/module-plugin.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";
import { ScratchFolder } from "../support/scratch-folder.ts";
import { type Served, serve, Text } from "./serving.ts";

/** Shows which file it is for, and the rest of the path. */
function shows(request: Request, path: string): Text {
  return new Text(`${path.slice(path.lastIndexOf("/") + 1)} ${request.postpath.join("/")}`);
}

async function outcome({ client }: Served, path: string): Promise<string | number> {
  const reply = await client.get(path);
  if (reply.status === 302 || reply.status === 301) return `to ${reply.headers.get("location")}`;
  return reply.status === 200 ? reply.text : reply.status;
}

let folder: ScratchFolder;
beforeEach(() => {
  folder = new ScratchFolder();
});
afterEach(() => {
  folder.remove();
});

describe("servlet/file-server", () => {
  it("serves a folder: types, index names in order, hidden ends, folders without an index", async () => {
    folder.write("a.txt", "a");
    folder.write("b.log", "b");
    folder.write("old.txt~", "old");
    folder.write("sub/second.html", "second");
    folder.write("both/first.html", "first");
    folder.write("both/second.html", "second");
    folder.write("none/x.txt", "x");
    const files = new FileServer(folder.path)
      .map(".log", "text/x-log")
      .index("first.html")
      .index("second.html")
      .hide("~");
    const served = serve(files);
    expect(await outcome(served, "/a.txt")).to.equal("a");
    expect((await served.client.get("/b.log")).headers.get("content-type")).to.contain("x-log");
    expect(await outcome(served, "/old.txt~")).to.equal(404);
    expect(await outcome(served, "/sub/")).to.equal("second");
    expect(await outcome(served, "/both/")).to.equal("first");
    expect(await outcome(served, "/none/")).to.equal(403);
    expect(await outcome(served, "/sub?x=1")).to.match(/^to .*\/?sub\/\?x=1$/);
    expect(await outcome(served, "/a.txt/more")).to.equal(404);
  });

  it("takes a change of its configuration", async () => {
    folder.write("a.txt", "a");
    const files = new FileServer(folder.path);
    const served = serve(files);
    expect(await outcome(served, "/a.txt")).to.equal("a");
    files.hide(".txt");
    expect(await outcome(served, "/a.txt")).to.equal(404);
  });

  describe("plugins", () => {
    const CASES: readonly (readonly [path: string, shown: string | number])[] = [
      ["/a.srv", "a.srv "],
      ["/a.srv/more/of/it", "a.srv more/of/it"],
      ["/sub/b.srv", "b.srv "],
      ["/page.html", "page.tpl "],
      ["/page.html/more", "page.tpl more"],
      ["/page", "page.tpl "],
      ["/page.tpl", 404],
      ["/plain.html", "plain"],
      ["/both.html", "both.tpl "],
      ["/two.md.x", "two.md.x "],
      ["/none.srv", 404],
      ["/.html", 404],
      ["/.hidden/a.srv", 404],
      ["/folder.srv/x", 404],
      ["/out.srv", 404],
    ];
    for (const [path, shown] of CASES) {
      it(`${path} is ${JSON.stringify(shown)}`, async () => {
        folder.write("a.srv", "source");
        folder.write("sub/b.srv", "source");
        folder.write("page.tpl", "source");
        folder.write("plain.html", "plain");
        folder.write("both.html", "plain");
        folder.write("both.tpl", "source");
        folder.write("two.md.x", "source");
        folder.write(".hidden/a.srv", "source");
        folder.write(".tpl", "source");
        folder.write("folder.srv/y", "");
        symlinkSync("/etc/hosts", `${folder.path}/out.srv`);
        const files = new FileServer(folder.path)
          .plugin(".srv", shows)
          .plugin(".tpl", shows, ".html")
          .plugin(".tpl", undefined, "")
          .plugin(".md.x", shows);
        const served = serve(files);
        expect(await outcome(served, path)).to.equal(shown);
      });
    }

    it("are not found under a hidden end", async () => {
      folder.write("a.srv", "source");
      const served = serve(new FileServer(folder.path).plugin(".srv", shows).hide(".srv"));
      expect(await outcome(served, "/a.srv")).to.equal(404);
    });

    it("of which the last alias is tried first", async () => {
      folder.write("a.one", "");
      folder.write("a.two", "");
      const files = new FileServer(folder.path)
        .plugin(".one", shows, ".html")
        .plugin(".two", shows, ".html");
      expect(await outcome(serve(files), "/a.html")).to.equal("a.two ");
    });

    it("must be there for one more alias, and have an extension", () => {
      const files = new FileServer(folder.path);
      expect(() => files.plugin(".srv", undefined, "")).to.throw(TypeError, ".srv");
      expect(() => files.plugin("", shows)).to.throw(TypeError);
    });
  });
});

describe("servlet/file-servlet", () => {
  it("sends one file whatever the path, by its type or another, with HEAD and ranges", async () => {
    const path = folder.write("a.txt", "0123456789");
    const { client } = serve((request) => new FileServlet(request, path));
    const reply = await client.get("/what/ever");
    expect(reply.text).to.equal("0123456789");
    expect(reply.headers.get("content-type")).to.contain("text/plain");
    expect((await client.head("/")).headers.get("content-length")).to.equal("10");
    const part = await client.get("/", { headers: { Range: "bytes=2-4" } });
    expect(part.status).to.equal(206);
    expect(part.text).to.equal("234");
    expect((await client.post("/")).status).to.equal(405);
    for (const name of ["a.txt", "plain"]) {
      const other = folder.write(name, "x");
      const typed = serve((request) => new FileServlet(request, other, "text/x-own"));
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const { headers } = await typed.client.get("/");
      expect(headers.get("content-type")).to.contain("text/x-own");
    }
  });

  it("answers what is not there with 404, a folder with 403", async () => {
    folder.write("sub/x", "");
    const missing = serve((request) => new FileServlet(request, `${folder.path}/none`));
    expect((await missing.client.get("/")).status).to.equal(404);
    const sub = serve((request) => new FileServlet(request, `${folder.path}/sub`));
    expect((await sub.client.get("/a/")).status).to.equal(403);
    expect((await sub.client.get("/a")).status).to.equal(403);
  });
});

function modules(): Served {
  const files = new FileServer(folder.path).plugin(".ts", modulePlugin(loadModule), ".html");
  return serve(files);
}

describe("servlet/module-plugin", function () {
  this.timeout(20_000); // the translator itself takes a while to load

  const PAGE = `import { HttpServlet } from "weftline/servlet";
import { text } from "./layout.ts";
class Page extends HttpServlet {
  processRequest(): void {
    this.sendResponse(200);
    this.endHeaders();
    this.sendContent(text + " " + this.servletPath());
    this.endContent();
  }
}
export const __servlet__ = Page;
`;

  it("loads a module, and again when it or what it imports has changed", async () => {
    folder.write("layout.ts", 'export const text: string = "one";');
    folder.write("page.ts", PAGE);
    const served = modules();
    expect(await outcome(served, "/page.html/rest")).to.equal("one rest");
    expect(await outcome(served, "/page.html")).to.equal("one ");
    folder.write("layout.ts", 'export const text: string = "number two";');
    expect(await outcome(served, "/page.html")).to.equal("number two ");
    folder.write("page.ts", PAGE.replace('" "', '" and more"'));
    expect(await outcome(served, "/page.html")).to.equal("number two and more");
    expect(await outcome(served, "/page.ts")).to.equal(404);
  });

  it("answers 500 while the module is broken, and nothing of the one before", async () => {
    folder.write("layout.ts", 'export const text = "one";');
    folder.write("page.ts", PAGE);
    const served = modules();
    expect(await outcome(served, "/page.html")).to.equal("one ");
    folder.write("page.ts", `${PAGE} }`);
    expect(await outcome(served, "/page.html")).to.equal(500);
    expect(await outcome(served, "/page.html")).to.equal(500);
    expect(served.lines.join("\n")).to.contain("page.ts");
    folder.write("page.ts", PAGE);
    expect(await outcome(served, "/page.html")).to.equal("one ");
  });

  class Names extends HttpServlet {
    override processRequest(): void {
      this.sendError(418);
    }
  }

  const FORMS: readonly (readonly [what: string, servlet: unknown, status: number])[] = [
    ["a class", Names, 418],
    ["the base class", HttpServlet, 501],
    ["a function that makes a servlet", (request: Request) => new Names(request), 418],
    ["a function that chooses a class", () => Names, 418],
    ["an async function", (request: Request) => Promise.resolve(new Names(request)), 418],
    ["a function that gives a resource", () => new Resource(), 405],
    ["nothing", undefined, 500],
    ["an object", {}, 500],
    ["a function that gives nothing", () => undefined, 500],
    [
      "a function that throws",
      () => {
        throw new Error("oops");
      },
      500,
    ],
  ];
  for (const [what, servlet, status] of FORMS) {
    it(`takes ${what} with ${status}`, async () => {
      folder.write("a.srv", "");
      const module = { exports: { __servlet__: servlet }, stamps: { current: true } };
      const load = (): Promise<ServletModule> => Promise.resolve(module);
      const served = serve(new FileServer(folder.path).plugin(".srv", modulePlugin(load)));
      expect(await outcome(served, "/a.srv")).to.equal(status);
    });
  }

  it("loads once for all who ask meanwhile, and once more what has changed while it was loaded", async () => {
    folder.write("a.srv", "");
    let loads = 0;
    const stamps = { current: false };
    const load = async (): Promise<ServletModule> => {
      loads += 1;
      await new Promise(setImmediate);
      return { exports: { __servlet__: Names }, stamps };
    };
    const { client } = serve(new FileServer(folder.path).plugin(".srv", modulePlugin(load)));
    await Promise.all([client.get("/a.srv"), client.get("/a.srv")]);
    expect(loads).to.equal(2);
    stamps.current = true;
    await client.get("/a.srv");
    expect(loads).to.equal(2);
  });
});
