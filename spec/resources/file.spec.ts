import { chmodSync, existsSync, renameSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { type Body, Data, errorPage, File, type Request, Resource, Site } from "weftline";
import { TestClient } from "weftline/testing";
import { lastingFields } from "../support/lasting-fields.ts";
import { ScratchFolder } from "../support/scratch-folder.ts";

/** A time in the past, in seconds, so that what is written then counts as settled. */
const THEN = 1_600_000_000;
const THEN_TEXT = "Sun, 13 Sep 2020 12:26:40 GMT";

class Upper extends Resource {
  override isLeaf = true;
  readonly #path: string;

  constructor(path: string) {
    super();
    this.#path = path;
  }

  override render_GET(request: Request): Body {
    return `${this.#path.split("/").at(-1)} ${request.postpath.join("+")}`;
  }

  override render_POST(): Body {
    return "posted";
  }
}

describe("resources/file", () => {
  let folder: ScratchFolder;
  let client: TestClient;

  /** Writes a file as of long ago. */
  function write(name: string, text: string, time = THEN): string {
    const path = folder.write(name, text);
    utimesSync(path, time, time);
    return path;
  }

  before(() => {
    folder = new ScratchFolder();
    write("a.txt", "Hello, file\n");
    write("index.html", "<p>index");
    write("sub/page.html", "<p>page");
    write("sub/index.htm", "<p>sub");
    write("empty/x", "");
    write("both/index.html", "html");
    write("both/index.htm", "htm");
    write("odd/index.html/x", "x");
    write("odd/index.htm", "odd");
    write("big.bin", "x".repeat(1_000_000));
    write("zero", "");
    client = new TestClient(new File(folder.path));
  });

  after(() => folder.remove());

  for (const [path, type, text] of [
    ["/a.txt", "text/plain; charset=utf-8", "Hello, file\n"],
    ["/", "text/html; charset=utf-8", "<p>index"],
    ["/index.html", "text/html; charset=utf-8", "<p>index"],
    ["/sub/", "text/html; charset=utf-8", "<p>sub"],
    ["/sub/page.html", "text/html; charset=utf-8", "<p>page"],
    ["/both/", "text/html; charset=utf-8", "html"],
    ["/odd/", "text/html; charset=utf-8", "odd"],
    ["/zero", "application/octet-stream", ""],
    ["/big.bin", "application/octet-stream", "x".repeat(1_000_000)],
  ] as const) {
    it(`${path} is ${text.length} bytes of ${type}, and HEAD says the same`, async () => {
      const reply = await client.get(path);
      expect(reply.status).to.equal(200);
      expect(reply.headers.get("content-type")).to.equal(type);
      expect(reply.headers.get("content-length")).to.equal(String(text.length));
      expect(reply.headers.get("x-content-type-options")).to.equal("nosniff");
      expect(reply.headers.get("last-modified")).to.equal(THEN_TEXT);
      expect(reply.headers.get("accept-ranges")).to.equal("bytes");
      expect(reply.text).to.equal(text);
      const head = await client.head(path);
      expect(lastingFields(head)).to.deep.equal(lastingFields(reply));
      expect(head.text).to.equal("");
    });
  }

  for (const path of ["/none", "/a.txt/", "/sub/none/", "/sub/none/x"]) {
    it(`${path} is not found, whatever the method`, async () => {
      for (const method of ["GET", "HEAD", "POST", "DELETE", "OPTIONS"]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expect((await client.request(method, path)).status, method).to.equal(404);
      }
    });
  }

  for (const path of ["/a.txt", "/sub", "/sub/", "/empty/", "/"]) {
    it(`${path} refuses other methods with those it has`, async () => {
      const reply = await client.post(path, { body: "x" });
      expect(reply.status).to.equal(405);
      expect(reply.headers.get("allow")).to.equal("GET, HEAD, OPTIONS");
      const options = await client.options(path);
      expect([options.status, options.headers.get("allow")]).to.deep.equal([
        204,
        "GET, HEAD, OPTIONS",
      ]);
    });
  }

  for (const [path, location] of [
    ["/sub", "/sub/"],
    ["/sub?a=b&c=%20d", "/sub/?a=b&c=%20d"],
    ["/%73ub", "/%73ub/"],
  ] as const) {
    it(`redirects ${path}, a folder without its slash, to ${location}`, async () => {
      const reply = await client.get(path);
      expect([reply.status, reply.headers.get("location")]).to.deep.equal([302, location]);
    });
  }

  it("redirects to no other host", async () => {
    const root = new Resource().putChild("", new File(folder.path));
    expect((await new TestClient(root).get("//sub")).status).to.equal(404);
  });

  it("forbids a folder without an index, and never says what is in it", async () => {
    const reply = await client.get("/empty/");
    expect(reply.status).to.equal(403);
    expect(reply.text).not.to.include("x</a>");
  });

  it("lets resources that were put there come first", () => {
    const file = new File(folder.path).putChild("a.txt", new Data("put", "text/plain"));
    expect(new TestClient(file).get("/a.txt").text).to.equal("put");
  });

  it("has its own pages where nothing is found or allowed", async () => {
    const own = new TestClient(
      new File(folder.path, {
        childNotFound: errorPage(410, "gone fishing"),
        forbidden: new Data("members only", "text/plain"),
      }),
    );
    for (const path of ["/none", "/none/x", "/.env", "/a.txt/x"]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect((await own.get(path)).status, path).to.equal(410);
    }
    expect((await own.get("/empty/")).text).to.equal("members only");
  });

  describe("options", () => {
    before(() => {
      write("types/a.Txt", "x");
      write("types/b.unknown", "x");
      write("types/c", "x");
      write("about.html", "about");
      write("two.txt", "txt");
      write("two.html", "html");
      write("dir.html", "html of dir");
      write("dir/x", "x");
      write("page.up", "x");
      write("pages/index.up", "x");
      write("old.bak", "x");
      write("old.html~", "x");
      write("main.htm", "main");
    });

    it("tells types by extension, its own first", async () => {
      const typed = new TestClient(
        new File(folder.path, {
          types: { ".TXT": "text/x-own", unknown: "a/b" },
          defaultType: "x/y",
        }),
      );
      const types: (string | null)[] = [];
      for (const name of ["a.Txt", "b.unknown", "c"]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        types.push((await typed.get(`/types/${name}`)).headers.get("content-type"));
      }
      expect(types).to.deep.equal(["text/x-own", "a/b", "x/y"]);
    });

    for (const [extensions, path, text] of [
      [[".html"], "/about", "about"],
      [["html"], "/about", "about"],
      [[".txt", ".html"], "/two", "txt"],
      [[".html", ".txt"], "/two", "html"],
      [["*"], "/two", "html"],
      [[".none", "*"], "/about", "about"],
      [[".html"], "/a.txt", "Hello, file\n"],
      [[".html"], "/dir/x", "x"],
    ] as const) {
      it(`with ${extensions.join(" ")} ignored, ${path} is ${JSON.stringify(text)}`, async () => {
        const ignoring = new TestClient(new File(folder.path, { ignoredExtensions: extensions }));
        expect((await ignoring.get(path)).text).to.equal(text);
        expect((await ignoring.get(`${path}/`)).status).to.equal(404);
      });
    }

    it("prefers a folder to a file with an ignored extension, and finds no further", async () => {
      const ignoring = new TestClient(new File(folder.path, { ignoredExtensions: ["*"] }));
      expect((await ignoring.get("/dir")).status).to.equal(302);
      for (const path of ["/abou", "/abo*", "/none/about", "/old"]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expect((await ignoring.get(path)).status, path).to.equal(path === "/old" ? 200 : 404);
      }
    });

    it("makes resources of files by their extension, which get the rest of the path", async () => {
      const processors = { ".up": (path: string) => new Upper(path) };
      const processed = new TestClient(
        new File(folder.path, {
          processors,
          indexNames: ["index.up"],
          ignoredExtensions: [".up"],
        }),
      );
      for (const [path, text] of [
        ["/page.up", "page.up "],
        ["/page.UP", ""],
        ["/page.up/a/b", "page.up a+b"],
        ["/page/a", "page.up a"],
        ["/page", "page.up "],
        ["/pages/", "index.up "],
        ["/a.txt", "Hello, file\n"],
      ] as const) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const reply = await processed.get(path);
        if (text === "") expect(reply.status).to.equal(404);
        else expect(reply.text).to.equal(text);
      }
      const plainly = new TestClient(
        new File(folder.path, { processors, indexNames: ["index.up"] }),
      );
      expect((await plainly.get("/pages/")).text).to.equal("index.up ");
      expect((await processed.post("/page.up")).text).to.equal("posted");
      expect((await processed.post("/pages/")).text).to.equal("posted");
      expect((await processed.get("/none.up/a")).status).to.equal(404);
    });

    it("hands the request to a processor, which may take its time", async () => {
      const processors = {
        up: async (path: string, { method }: Request) => {
          await Promise.resolve();
          return new Data(`${method} ${path}`, "text/plain");
        },
      };
      const processed = new TestClient(new File(folder.path, { processors }));
      expect((await processed.get("/page.up")).text).to.equal(
        `GET ${join(folder.path, "page.up")}`,
      );
    });

    it("hides names by their end", async () => {
      const hiding = new TestClient(new File(folder.path, { hide: [".bak", "~"] }));
      for (const path of ["/old.bak", "/old.html~"]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expect((await hiding.get(path)).status).to.equal(404);
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expect((await client.get(path)).status).to.equal(200);
      }
    });

    it("has other names for an index, or none", async () => {
      const main = new TestClient(new File(folder.path, { indexNames: ["none", "main.htm"] }));
      expect((await main.get("/")).text).to.equal("main");
      const none = new TestClient(new File(folder.path, { indexNames: [] }));
      expect((await none.get("/")).status).to.equal(403);
    });

    it("says how long a file may be kept, also when it has not changed", async () => {
      const kept = new TestClient(new File(folder.path, { cacheControl: "max-age=60" }));
      const reply = await kept.get("/a.txt");
      const again = await kept.get("/a.txt", {
        headers: { "If-None-Match": reply.headers.get("etag") ?? "" },
      });
      expect([reply, again].map(({ headers }) => headers.get("cache-control"))).to.deep.equal([
        "max-age=60",
        "max-age=60",
      ]);
      expect((await kept.get("/none")).headers.get("cache-control")).to.equal(null);
    });
  });

  describe("conditions", () => {
    const LATER = "Mon, 14 Sep 2020 00:00:00 GMT";
    const EARLIER = "Sat, 12 Sep 2020 00:00:00 GMT";
    // ETAG stands for the tag of the file.
    for (const [fields, status] of [
      [{}, 200],
      [{ "If-None-Match": "ETAG" }, 304],
      [{ "If-None-Match": '"a", W/ETAG' }, 304],
      [{ "If-None-Match": "*" }, 304],
      [{ "If-None-Match": '"other"' }, 200],
      [{ "If-Modified-Since": THEN_TEXT }, 304],
      [{ "If-Modified-Since": LATER }, 304],
      [{ "If-Modified-Since": EARLIER }, 200],
      [{ "If-Modified-Since": "yesterday" }, 200],
      [{ "If-None-Match": '"other"', "If-Modified-Since": LATER }, 200],
      [{ "If-None-Match": "ETAG", "If-Modified-Since": EARLIER }, 304],
      [{ "If-Match": "ETAG" }, 200],
      [{ "If-Match": "*" }, 200],
      [{ "If-Match": '"other"' }, 412],
      [{ "If-Match": "W/ETAG" }, 412],
      [{ "If-Match": '"other"', "If-None-Match": "ETAG" }, 412],
      [{ "If-Match": "ETAG", "If-None-Match": "ETAG" }, 304],
      [{ "If-Unmodified-Since": EARLIER }, 412],
      [{ "If-Unmodified-Since": THEN_TEXT }, 200],
      [{ "If-Match": "ETAG", "If-Unmodified-Since": EARLIER }, 200],
      [{ Range: "bytes=0-1", "If-None-Match": "ETAG" }, 304],
      [{ Range: "bytes=99-", "If-Match": '"other"' }, 412],
    ] as const) {
      for (const path of ["/a.txt", "/big.bin"]) {
        it(`${path} with ${JSON.stringify(fields)} is answered ${status}`, async () => {
          const etag = (await client.head(path)).headers.get("etag") ?? "";
          const headers = Object.entries(fields).map(
            ([name, value]) => [name, value.replace("ETAG", etag)] as const,
          );
          for (const method of ["GET", "HEAD"]) {
            // oxlint-disable-next-line no-await-in-loop -- one after the other
            const reply = await client.request(method, path, { headers });
            expect(reply.status, method).to.equal(status);
            if (status !== 304) continue;
            expect(reply.headers.get("etag")).to.equal(etag);
            expect(reply.text).to.equal("");
            for (const name of ["content-type", "content-length", "accept-ranges"]) {
              expect(reply.headers.get(name)).to.equal(null);
            }
          }
        });
      }
    }

    it("has a strong tag for what is settled, a weak one for what has just changed", async () => {
      const tagAt = async (time: number): Promise<string> => {
        write("tag.txt", "x", time);
        client.clock.advance(1_000);
        return (await client.get("/tag.txt")).headers.get("etag") ?? "";
      };
      const now = Date.now() / 1_000;
      expect(await tagAt(now - 10)).to.match(/^"[\w-]+"$/);
      expect(await tagAt(now)).to.match(/^W\/"[\w-]+"$/);
      expect(await tagAt(now - 10)).not.to.equal(await tagAt(now - 11));
      expect(await tagAt(now + 3_600)).to.match(/^W\//);
      const { headers } = await client.get("/tag.txt");
      const changed = Date.parse(headers.get("last-modified") ?? "");
      expect(changed).to.be.at.most(Date.now());
    });

    it("has a tag that does not depend on where the file lies", async () => {
      write("copies/a.txt", "Hello, file\n");
      const tags = [await client.get("/a.txt"), await client.get("/copies/a.txt")].map(
        ({ headers }) => headers.get("etag"),
      );
      expect(tags[0]).to.equal(tags[1]);
    });
  });

  describe("ranges", () => {
    const TEXT = "Hello, file\n";
    for (const [range, status, contentRange, text] of [
      ["bytes=0-4", 206, "bytes 0-4/12", "Hello"],
      ["bytes=7-", 206, "bytes 7-11/12", "file\n"],
      ["bytes=-5", 206, "bytes 7-11/12", "file\n"],
      ["bytes=-99", 206, "bytes 0-11/12", TEXT],
      ["bytes=7-99", 206, "bytes 7-11/12", "file\n"],
      ["bytes=0-0", 206, "bytes 0-0/12", "H"],
      ["BYTES=0-0", 206, "bytes 0-0/12", "H"],
      ["bytes=0-4,5-6", 206, "bytes 0-6/12", "Hello, "],
      ["bytes=0-6,2-3", 206, "bytes 0-6/12", "Hello, "],
      ["bytes=12-, 0-4", 206, "bytes 0-4/12", "Hello"],
      ["bytes=12-", 416, "bytes */12", undefined],
      ["bytes=12-13,99-", 416, "bytes */12", undefined],
      ["bytes=-0", 416, "bytes */12", undefined],
      ["bytes=", 200, null, TEXT],
      ["bytes=+1-2", 200, null, TEXT],
      ["bytes=4-2", 200, null, TEXT],
      ["bytes=a-b", 200, null, TEXT],
      ["lines=0-1", 200, null, TEXT],
      [`bytes=${"0-0,".repeat(1_000)}`, 200, null, TEXT],
    ] as const) {
      it(`${range.slice(0, 20)} is answered ${status} ${contentRange ?? ""}`, async () => {
        const reply = await client.get("/a.txt", { headers: { Range: range } });
        expect(reply.status).to.equal(status);
        expect(reply.headers.get("content-range")).to.equal(contentRange);
        if (text !== undefined) expect(reply.text).to.equal(text);
        else expect(reply.text).not.to.include("Hello");
        const head = await client.head("/a.txt", { headers: { Range: range } });
        expect([head.status, head.headers.get("content-length")]).to.deep.equal([200, "12"]);
      });
    }

    for (const path of ["/a.txt", "/big.bin"]) {
      it(`several parts of ${path} come in one message`, async () => {
        const reply = await client.get(path, { headers: { Range: "bytes=0-2,6-8,-1" } });
        expect(reply.status).to.equal(206);
        const type = reply.headers.get("content-type") ?? "";
        const boundary = /^multipart\/byteranges; boundary=([\w-]{20})$/.exec(type)?.[1] ?? "";
        const whole = await client.get(path);
        const { text, headers } = whole;
        const size = text.length;
        const part = (start: number, end: number): string =>
          `\r\n--${boundary}\r\nContent-Type: ${headers.get("content-type") ?? ""}\r\nContent-Range: bytes ${start}-${end}/${size}\r\n\r\n${text.slice(start, end + 1)}`;
        const expected = `${part(0, 2)}${part(6, 8)}${part(size - 1, size - 1)}\r\n--${boundary}--\r\n`;
        expect(reply.text).to.equal(expected);
        expect(reply.headers.get("content-length")).to.equal(String(expected.length));
        expect(reply.headers.get("content-range")).to.equal(null);
      });
    }

    it("sends parts of a large file that are larger than its pieces", async () => {
      const headers = { Range: "bytes=10-200009,300000-400000" };
      const { text, headers: fields } = await client.get("/big.bin", { headers });
      expect(text.match(/x{1000,}/g)?.map((part) => part.length)).to.deep.equal([200_000, 100_001]);
      expect(fields.get("content-length")).to.equal(String(text.length));
    });

    it("ignores a range of an empty file", async () => {
      const reply = await client.get("/zero", { headers: { Range: "bytes=0-" } });
      expect([reply.status, reply.text]).to.deep.equal([200, ""]);
    });

    for (const [ifRange, status] of [
      ["ETAG", 206],
      ["W/ETAG", 200],
      ['"other"', 200],
      [THEN_TEXT, 206],
      ["Sun, 13 Sep 2020 12:26:41 GMT", 200],
      ["rubbish", 200],
    ] as const) {
      it(`with If-Range: ${ifRange} a range is answered ${status}`, async () => {
        const etag = (await client.head("/a.txt")).headers.get("etag") ?? "";
        const headers = { Range: "bytes=0-0", "If-Range": ifRange.replace("ETAG", etag) };
        expect((await client.get("/a.txt", { headers })).status).to.equal(status);
      });
    }
  });

  describe("precompressed files", () => {
    before(() => {
      write("app.js", "plain script");
      write("app.js.br", "br", THEN + 1);
      write("app.js.gz", "gzip!");
      write("old.js", "plain");
      write("old.js.gz", "stale", THEN - 1);
      write("linked.js", "plain");
      symlinkSync("/etc/passwd", join(folder.path, "linked.js.gz"));
      write("large.js", "l".repeat(300_000));
      write("large.js.gz", "g".repeat(280_000));
    });

    for (const [accept, coding, text] of [
      [undefined, null, "plain script"],
      ["identity", null, "plain script"],
      ["gzip", "gzip", "gzip!"],
      ["gzip, deflate, br", "br", "br"],
      ["br;q=0.5, gzip", "gzip", "gzip!"],
      ["br;q=0, gzip;q=0", null, "plain script"],
      ["*", "br", "br"],
      ["identity;q=0", null, "plain script"],
      ["deflate", null, "plain script"],
    ] as const) {
      it(`with Accept-Encoding: ${accept ?? "none"} gives ${coding ?? "the plain file"}`, async () => {
        const headers = accept === undefined ? {} : { "Accept-Encoding": accept };
        const reply = await client.get("/app.js", { headers });
        expect(reply.text).to.equal(text);
        expect(reply.headers.get("content-encoding")).to.equal(coding);
        expect(reply.headers.get("content-type")).to.equal("text/javascript; charset=utf-8");
        expect(reply.headers.get("vary")).to.equal("Accept-Encoding");
        expect(reply.headers.get("content-length")).to.equal(String(text.length));
      });
    }

    it("has a tag for each coding, and ranges of what is sent", async () => {
      const tags = new Set<string | null>();
      for (const accept of ["br", "gzip", "identity"]) {
        const headers = { "Accept-Encoding": accept };
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const { headers: fields } = await client.get("/app.js", { headers });
        const etag = fields.get("etag") ?? "";
        tags.add(etag);
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const again = await client.get("/app.js", {
          headers: { ...headers, "If-None-Match": etag },
        });
        expect([again.status, again.headers.get("vary")]).to.deep.equal([304, "Accept-Encoding"]);
        const ranged = { ...headers, Range: "bytes=-1", "If-Range": etag };
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const part = await client.get("/app.js", { headers: ranged });
        expect([part.status, part.text.length]).to.deep.equal([206, 1]);
      }
      expect(tags.size).to.equal(3);
    });

    it("takes none that is older, or lies elsewhere", async () => {
      for (const path of ["/old.js", "/linked.js", "/a.txt"]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const reply = await client.get(path, { headers: { "Accept-Encoding": "gzip" } });
        expect(reply.headers.get("content-encoding")).to.equal(null);
        expect(reply.headers.get("vary")).to.equal(null);
      }
    });

    it("sends large ones too", async () => {
      const reply = await client.get("/large.js", { headers: { "Accept-Encoding": "gzip" } });
      expect(reply.headers.get("content-encoding")).to.equal("gzip");
      expect(reply.text).to.equal("g".repeat(280_000));
    });

    it("leaves them alone when told to", async () => {
      const plain = new TestClient(new File(folder.path, { precompressed: false }));
      const reply = await plain.get("/app.js", { headers: { "Accept-Encoding": "br" } });
      expect([reply.text, reply.headers.get("vary")]).to.deep.equal(["plain script", null]);
    });

    it("serves one that is asked for by its own name as it is", async () => {
      const reply = await client.get("/app.js.gz", { headers: { "Accept-Encoding": "gzip" } });
      expect(reply.text).to.equal("gzip!");
      expect(reply.headers.get("content-encoding")).to.equal(null);
      expect(reply.headers.get("content-type")).to.equal("application/gzip");
    });
  });

  describe("memory", () => {
    it("answers a small file that it knows within the call, and a large one later", async () => {
      await client.get("/a.txt");
      await client.get("/big.bin");
      expect(client.get("/a.txt").done).to.equal(true);
      const large = client.get("/big.bin");
      expect(large.done).to.equal(false);
      await large;
    });

    it("believes what it knows for a second, and then looks again", async () => {
      write("changing.txt", "one");
      expect((await client.get("/changing.txt")).text).to.equal("one");
      write("changing.txt", "two!", THEN + 1);
      client.clock.advance(999);
      expect(client.get("/changing.txt").text).to.equal("one");
      client.clock.advance(1);
      expect((await client.get("/changing.txt")).text).to.equal("two!");
      rmSync(join(folder.path, "changing.txt"));
      client.clock.advance(1_000);
      expect((await client.get("/changing.txt")).status).to.equal(404);
    });

    it("sees a file that took the place of another, even with the same size and time", async () => {
      write("swap.txt", "one");
      expect((await client.get("/swap.txt")).text).to.equal("one");
      renameSync(write("swap.tmp", "two"), join(folder.path, "swap.txt"));
      client.clock.advance(1_000);
      expect((await client.get("/swap.txt")).text).to.equal("two");
    });

    it("reads a file again that had just changed when it was read", async () => {
      write("racy.txt", "one", Date.now() / 1_000);
      expect((await client.get("/racy.txt")).headers.get("etag")).to.match(/^W/);
      client.clock.advance(1_000);
      expect((await client.get("/racy.txt")).text).to.equal("one");
    });

    it("sees an index, a sibling and a shorter name that come later", async () => {
      const ignoring = new TestClient(new File(folder.path, { ignoredExtensions: [".txt"] }));
      write("late/index.htm", "htm");
      write("late/b.txt", "txt");
      expect((await ignoring.get("/late/")).text).to.equal("htm");
      expect((await ignoring.get("/late/b")).text).to.equal("txt");
      write("late/index.html", "html");
      write("late/b", "b");
      write("late/index.htm.gz", "gz");
      ignoring.clock.advance(1_000);
      expect((await ignoring.get("/late/")).text).to.equal("html");
      expect((await ignoring.get("/late/b")).text).to.equal("b");
      const headers = { "Accept-Encoding": "gzip" };
      expect((await ignoring.get("/late/index.htm", { headers })).text).to.equal("gz");
    });

    it("has those who ask at the same time share one look", async () => {
      write("shared.txt", "shared");
      const replies = await Promise.all([1, 2, 3].map(() => client.get("/shared.txt")));
      expect(replies.map(({ text }) => text)).to.deep.equal(["shared", "shared", "shared"]);
    });

    it("keeps nothing when told to, and within its bytes otherwise", async () => {
      for (const cacheBytes of [0, 1_000]) {
        const sparing = new TestClient(new File(folder.path, { cacheBytes }));
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expect((await sparing.get("/a.txt")).text).to.equal("Hello, file\n");
        expect(sparing.get("/a.txt").done).to.equal(false);
      }
    });
  });

  describe("what may not be read", () => {
    // For root nothing is forbidden.
    const isRoot = process.getuid?.() === 0;

    beforeEach(() => {
      chmodSync(folder.path, 0o755);
      if (isRoot) process.seteuid?.(65_534);
    });

    afterEach(() => {
      if (isRoot) process.seteuid?.(0);
    });

    it("is forbidden, and not kept", async () => {
      if (isRoot) process.seteuid?.(0);
      chmodSync(write("closed.txt", "closed"), 0);
      write("closed/x", "x");
      chmodSync(join(folder.path, "closed"), 0);
      if (isRoot) process.seteuid?.(65_534);
      expect((await client.get("/closed.txt")).status).to.equal(403);
      expect((await client.get("/closed/x")).status).to.equal(403);
      if (isRoot) process.seteuid?.(0);
      chmodSync(join(folder.path, "closed.txt"), 0o644);
      chmodSync(join(folder.path, "closed"), 0o755);
      expect((await client.get("/closed.txt")).text).to.equal("closed");
    });
  });

  it("adds its Vary to that of a wrapper", async () => {
    class Varying extends Resource {
      override getChildWithDefault(name: string, request: Request): Resource | Promise<Resource> {
        request.setHeader("Vary", "Origin");
        return new File(folder.path).getChildWithDefault(name, request);
      }
    }
    write("varying.js", "x");
    write("varying.js.gz", "y");
    const reply = await new TestClient(new Varying()).get("/varying.js");
    expect(reply.headers.get("vary")).to.equal("Origin, Accept-Encoding");
    expect(reply.headers.get("content-type")).to.equal("text/javascript; charset=utf-8");
  });

  it("serves several sites", async () => {
    const file = new File(folder.path);
    const clients = [new TestClient(file), new TestClient(new Site(file))];
    for (const one of clients) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect((await one.get("/a.txt")).text).to.equal("Hello, file\n");
    }
    expect(existsSync(join(folder.path, "a.txt"))).to.equal(true);
  });
});
