import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { File, Resource } from "weftline";
import { TestClient } from "weftline/testing";
import { openDescriptors } from "../support/open-descriptors.ts";
import { ScratchFolder } from "../support/scratch-folder.ts";

const SECRET = "SECRET";

/** Ways to say "up". */
const UPS = [
  "..",
  ".%2e",
  "%2e.",
  "%2e%2e",
  "%2E%2E",
  "%252e%252e",
  "..%00",
  "%00..",
  ".%00.",
  "..%20",
  "..%09",
  "..%0d%0a",
  "..;",
  "..;x=y",
  "..%3b",
  "...",
  "....",
  "..%2e",
  "..%5c..",
  "%c0%ae%c0%ae",
  "%e0%80%ae%e0%80%ae",
  "%f0%80%80%ae.",
  "%uff0e%uff0e",
  "%ef%bc%8e%ef%bc%8e",
  "%e2%80%a5",
  "%80%ae%80%ae",
  "~",
  ".",
];

/** Ways to say "in". */
const SLASHES = ["/", "%2f", "%2F", "%5c", "\\", "%252f", "%c0%af", "%ef%bc%8f"];

/** Names that are there and must not be found, and some that are not. */
const HIDDEN = [
  "/.env",
  "/%2eenv",
  "/%2Eenv",
  "/.git/config",
  "/%2egit/config",
  "/sub/.hidden/a.txt",
  "/.well-known/.hidden",
  "/./a.txt",
  "/sub/./ok.txt",
  "/sub/../a.txt",
  "/a.txt.",
  "/a.txt%2e",
  "/a.txt..",
  "/a.txt%20",
  "/a.txt%00",
  "/a.txt%00.html",
  "/a%00.txt",
  "/a.txt%0a",
  "/a.txt%7f",
  "/a.txt%c2%85",
  "/a.txt::$DATA",
  "/a.txt:x",
  "/a.txt%3a%3a$DATA",
  "/C:/a.txt",
  "/C:%5ca.txt",
  "/c%3a/a.txt",
  "/a.txt%2f",
  "/a.txt%5c",
  "/a.txt/",
  "/a.txt/.",
  "/a.txt/..",
  "/a.txt/x",
  "/sub%2fok.txt",
  "/sub%5cok.txt",
  "/sub\\ok.txt",
  "//a.txt",
  "///a.txt",
  "/sub//ok.txt",
  "/sub/ok.txt//",
  "/%2f/a.txt",
  "/hello.resource.ts",
  "/hello.resource.js",
  "/hello.resource.mjs",
  "/hello.resource.ts~",
  "/hello.resource.ts.bak",
  "/hello%2eresource.ts",
  "/%68ello.resource.t%73",
  "/HELLO.RESOURCE.TS",
  "/hello.resource.ts/",
  "/hello.resource.ts%00",
  "/hello.resource.ts%20",
  "/hello.resource.ts.",
  "/sub/in.resource.ts",
  "/to-script.txt",
  "/to-secret.txt",
  "/to-outside/secret.txt",
  "/to-outside/",
  "/to-outside",
  "/to-hidden.txt",
  "/to-nowhere.txt",
  "/to-itself.txt",
  "/to-null",
  "/fifo",
  "/to-fifo",
  `/${"a".repeat(300)}`,
  "/%",
  "/%2",
  "/%zz",
  "/%ff",
  "/%c3%28",
  "/%ed%a0%80",
  "/a.txt%",
];

/** What is there all the same. */
const FOUND: readonly (readonly [path: string, text: string])[] = [
  ["/a.txt", "a"],
  ["/%61.txt", "a"],
  ["/a%2etxt", "a"],
  ["/sub/ok.txt", "ok"],
  ["/.well-known/x", "known"],
  ["/%2ewell-known/x", "known"],
  ["/with%20blank.txt", "blank"],
  ["/100%25.txt", "percent"],
  ["/plus+.txt", "plus"],
  ["/%c3%a4.txt", "umlaut"],
  ["/%F0%9F%A7%B5.txt", "thread"],
  ["/..a.txt".replace("..", "x.."), "dots"],
  ["/to-a.txt", "a"],
  ["/to-sub/ok.txt", "ok"],
  ["/a.resource.txt", "no script"],
];

describe("resources/file paths", () => {
  let folder: ScratchFolder;
  let root: string;
  let client: TestClient;

  /** The path as it stands, whatever a client would make of it. */
  async function statusOf(path: string): Promise<number> {
    const connection = client.connect();
    const reply = connection.expectReply("GET", path);
    connection.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    const { status, text } = await reply;
    expect(text).not.to.include(SECRET);
    return status;
  }

  before(() => {
    folder = new ScratchFolder();
    root = join(folder.path, "site");
    folder.write("secret.txt", SECRET);
    folder.write("outside/secret.txt", SECRET);
    for (const [path, text] of FOUND) {
      if (!path.includes("to-")) folder.write(`site${decodeURIComponent(path)}`, text);
    }
    for (const name of [".env", ".git/config", "sub/.hidden/a.txt", ".well-known/.hidden"]) {
      folder.write(`site/${name}`, SECRET);
    }
    for (const name of ["hello.resource.ts", "hello.resource.js", "hello.resource.mjs"]) {
      folder.write(`site/${name}`, SECRET);
      folder.write(`site/${name}~`, SECRET);
      folder.write(`site/${name}.bak`, SECRET);
    }
    folder.write("site/sub/in.resource.ts", SECRET);
    for (const [name, target] of [
      ["to-a.txt", "a.txt"],
      ["to-sub", "sub"],
      ["to-script.txt", "hello.resource.ts"],
      ["to-secret.txt", "../secret.txt"],
      ["to-outside", "../outside"],
      ["to-hidden.txt", ".env"],
      ["to-nowhere.txt", "nowhere"],
      ["to-itself.txt", "to-itself.txt"],
      ["to-null", "/dev/null"],
      ["to-fifo", "fifo"],
    ] as const) {
      symlinkSync(target, join(root, name));
    }
    execFileSync("mkfifo", [join(root, "fifo")]);
    client = new TestClient(new File(root));
  });

  after(() => {
    expect(openDescriptors(folder.path)).to.equal(0);
    folder.remove();
  });

  for (const up of UPS) {
    for (const slash of SLASHES) {
      it(`nothing is at /sub/${up}${slash}secret.txt, nor further up`, async () => {
        for (const path of [
          `/${up}${slash}secret.txt`,
          `/sub/${up}${slash}${up}${slash}secret.txt`,
          `/sub/${up}${slash}.env`,
        ]) {
          // oxlint-disable-next-line no-await-in-loop -- one after the other
          expect(await statusOf(path), path).to.be.oneOf([400, 404]);
        }
      });
    }
  }

  for (const path of HIDDEN) {
    it(`nothing is at ${path.slice(0, 40)}`, async () => {
      expect(await statusOf(path)).to.be.oneOf([400, 404]);
    });
  }

  for (const [path, text] of FOUND) {
    it(`${path} is ${text}`, async () => {
      expect((await client.get(path)).text).to.equal(text);
    });
  }

  it("answers 400 to what cannot be decoded, and 404 to what is merely not there", async () => {
    for (const path of ["/%zz", "/%ff", "/%c0%ae"]) expect(await statusOf(path)).to.equal(400);
    for (const path of ["/%00", "/..%2f", "/%5c", "/fifo"]) {
      expect(await statusOf(path)).to.equal(404);
    }
  });

  it("follows links anywhere when told to, but never to a script, and opens no device", async () => {
    const following = new TestClient(new File(root, { followSymlinks: true }));
    for (const path of ["/to-secret.txt", "/to-outside/secret.txt", "/to-hidden.txt"]) {
      expect((await following.get(path)).text, path).to.equal(SECRET);
    }
    for (const path of ["/to-script.txt", "/to-null", "/to-fifo", "/.env", "/to-nowhere.txt"]) {
      expect((await following.get(path)).status, path).to.equal(404);
    }
  });

  it("serves a root that is itself a link, also when that is changed to lead elsewhere", async () => {
    const link = join(folder.path, "current");
    symlinkSync("site", link);
    const linked = new TestClient(new File(link));
    expect((await linked.get("/a.txt")).text).to.equal("a");
    rmSync(link);
    symlinkSync("outside", link);
    linked.clock.advance(1_000);
    expect((await linked.get("/a.txt")).status).to.equal(404);
    expect((await linked.get("/secret.txt")).text).to.equal(SECRET);
  });

  it("serves one file, and nothing below it", async () => {
    const single = new TestClient(new Resource().putChild("f", new File(join(root, "a.txt"))));
    expect((await single.get("/f")).text).to.equal("a");
    for (const path of ["/f/", "/f/a.txt", "/f/.."]) {
      expect((await single.get(path)).status).to.equal(404);
    }
    const script = new TestClient(
      new Resource().putChild("f", new File(join(root, "hello.resource.ts"))),
    );
    expect((await script.get("/f")).status).to.equal(404);
  });

  it("finds nothing in a folder that does not exist", async () => {
    const nowhere = new TestClient(new File(join(root, "nowhere")));
    for (const path of ["/", "/a", "/a/b"]) expect((await nowhere.get(path)).status).to.equal(404);
  });

  it("sends nothing from outside while a folder is swapped for a link again and again", async () => {
    const [real, link, place] = ["real", "link", "swapped"].map((name) => join(root, name));
    mkdirSync(real ?? "");
    folder.write("site/real/secret.txt", "public");
    symlinkSync("../outside", link ?? "");
    const uncached = new TestClient(new File(root, { cacheBytes: 0 }));
    const texts = new Set<string>();
    for (let round = 0; round < 200; round++) {
      const [now = "", next = ""] = round % 2 === 0 ? [real, link] : [link, real];
      renameSync(now, place ?? "");
      const replies = [uncached.get("/swapped/secret.txt"), uncached.get("/swapped/secret.txt")];
      setImmediate(() => {
        renameSync(place ?? "", now);
        renameSync(next, place ?? "");
      });
      // oxlint-disable-next-line no-await-in-loop -- one round after the other
      for (const { status, text } of await Promise.all(replies)) {
        texts.add(status === 200 ? text : "");
      }
      renameSync(place ?? "", next);
    }
    expect([...texts].filter((text) => text !== "" && text !== "public")).to.deep.equal([]);
  });
});
