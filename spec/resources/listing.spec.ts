import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { File, Resource } from "weftline";
import { TestClient } from "weftline/testing";
import { FileSettings } from "../../lib/resources/file-options.ts";
import { entriesOf, MAX_ENTRIES, sorted } from "../../lib/resources/folder-entries.ts";
import { lastingFields } from "../support/lasting-fields.ts";
import { ScratchFolder } from "../support/scratch-folder.ts";

const EVIL = '"><img src=x onerror=alert(1)>';

/** The links of the rows of a page, in order, decoded. */
function linksOf(page: string): string[] {
  return [...page.matchAll(/<tr><td><a href="([^"]*)"/g)].map(([, link = ""]) =>
    decodeURIComponent(link),
  );
}

function headingsOf(page: string): string[] {
  return [...page.matchAll(/<th [^>]*>.*?<\/th>/g)].map(([heading]) => heading);
}

describe("resources/listing", () => {
  let folder: ScratchFolder;
  let client: TestClient;

  before(() => {
    folder = new ScratchFolder();
    for (const [name, size, time] of [
      ["list/file10.txt", 5, 100],
      ["list/file2.txt", 2_000, 300],
      ["list/big.iso", 3_000_000, 200],
      ["list/same.a", 5, 100],
      ["list/zoo/x", 1, 400],
      ["list/ant/x", 1, 500],
      [`odd/${EVIL}`, 1, 1],
      ["odd/ä b&c?d#e%41.txt", 1, 1],
      ["odd/.hidden", 1, 1],
      ["odd/a.resource.ts", 1, 1],
      ["odd/trailing.", 1, 1],
      ["odd/old.bak", 1, 1],
      ["indexed/index.html", 1, 1],
      ["outside.txt", 1, 1],
    ] as const) {
      utimesSync(folder.write(name, "x".repeat(size)), time, time);
    }
    mkdirSync(join(folder.path, "empty"));
    symlinkSync("../../etc/passwd", join(folder.path, "odd/out"));
    symlinkSync("nowhere", join(folder.path, "odd/broken"));
    symlinkSync("../outside.txt", join(folder.path, "odd/in"));
    execFileSync("mkfifo", [join(folder.path, "odd/fifo")]);
    client = new TestClient(new File(folder.path, { listing: true, hide: [".bak"] }));
  });

  after(() => folder.remove());

  it("is off unless it is asked for", async () => {
    expect((await new TestClient(new File(folder.path)).get("/list/")).status).to.equal(403);
  });

  it("gives way to an index", async () => {
    expect((await client.get("/indexed/")).text).to.equal("x");
    expect((await client.get("/list")).status).to.equal(302);
  });

  for (const [query, names] of [
    ["", ["ant/", "zoo/", "big.iso", "file2.txt", "file10.txt", "same.a"]],
    ["?sort=name&order=desc", ["zoo/", "ant/", "same.a", "file10.txt", "file2.txt", "big.iso"]],
    ["?sort=size", ["ant/", "zoo/", "file10.txt", "same.a", "file2.txt", "big.iso"]],
    ["?sort=size&order=desc", ["zoo/", "ant/", "big.iso", "file2.txt", "same.a", "file10.txt"]],
    ["?sort=date", ["", "", "file10.txt", "same.a", "big.iso", "file2.txt"]],
    ["?sort=date&order=desc", ["", "", "file2.txt", "big.iso", "same.a", "file10.txt"]],
    ["?sort=rubbish&order=up", ["ant/", "zoo/", "big.iso", "file2.txt", "file10.txt", "same.a"]],
  ] as const) {
    it(`sorts by ${query === "" ? "name" : query}, folders first`, async () => {
      const links = linksOf((await client.get(`/list/${query}`)).text);
      expect(links.shift()).to.equal("../");
      // The time of a folder is that of what was put into it.
      if (names[0] === "") links.splice(0, 2, "", "");
      expect(links).to.deep.equal(names);
    });
  }

  it("links each heading to the order that it does not have yet", async () => {
    expect(headingsOf((await client.get("/list/")).text)).to.deep.equal([
      '<th scope="col" aria-sort="ascending"><a href="?sort=name&amp;order=desc">Name</a></th>',
      '<th scope="col"><a href="?sort=size&amp;order=asc">Size</a></th>',
      '<th scope="col"><a href="?sort=date&amp;order=asc">Changed, UTC</a></th>',
    ]);
    expect(headingsOf((await client.get("/list/?sort=size&order=desc")).text)[1]).to.equal(
      '<th scope="col" aria-sort="descending"><a href="?sort=size&amp;order=asc">Size</a></th>',
    );
  });

  it("shows what a request could get, and nothing else", async () => {
    const { text } = await client.get("/odd/");
    expect(linksOf(text)).to.have.members(["../", EVIL, "ä b&c?d#e%41.txt", "in"]);
    for (const link of text.matchAll(/<tr><td><a href="([^"]*)"/g)) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      if (link[1] !== "../") expect((await client.get(`/odd/${link[1]}`)).status).to.equal(200);
    }
  });

  it("escapes names in links, in text and in its title", async () => {
    const { text } = await client.get("/odd/");
    expect(text).not.to.include("<img");
    expect(text).to.include("&quot;&gt;&lt;img src=x onerror=alert(1)&gt;</a>");
    folder.write(`${EVIL}/y`, "");
    const evil = await client.get(`/${encodeURIComponent(EVIL)}/`);
    expect(evil.status).to.equal(200);
    expect(evil.text).not.to.include("<img");
  });

  it("lets a browser load nothing, and apply no style but its own", async () => {
    const { headers, text } = await client.get("/odd/");
    const style = /<style>([^]*?)<\/style>/.exec(text)?.[1] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    expect(headers.get("content-security-policy")).to.equal(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
    );
    expect(headers.get("x-content-type-options")).to.equal("nosniff");
    expect(headers.get("content-type")).to.equal("text/html; charset=utf-8");
    expect(text).to.include('name="viewport"');
    expect(text).to.include("color-scheme:light dark");
  });

  it("shows sizes and times as people read them", async () => {
    const { text } = await client.get("/list/");
    const sizes = [...text.matchAll(/<td>([\d.]+ \w+)<td>/g)].map(([, size]) => size);
    expect(sizes).to.deep.equal(["2.9 MiB", "2.0 KiB", "5 B", "5 B"]);
    expect(text).to.include(
      '<time datetime="1970-01-01T00:05:00.000Z">1970-01-01<span> 00:05</span>',
    );
  });

  it("answers HEAD with the same fields", async () => {
    const [get, head] = [await client.get("/list/"), await client.head("/list/")];
    expect(lastingFields(head)).to.deep.equal(lastingFields(get));
    expect(head.text).to.equal("");
  });

  it("has no way up at the top, and says so when there is nothing", async () => {
    const top = new TestClient(new File(join(folder.path, "empty"), { listing: true }));
    const { text } = await top.get("/");
    expect(linksOf(text)).to.deep.equal([]);
    expect(text).to.include("There is nothing in this folder.");
    const mounted = new Resource().putChild("files", new File(folder.path, { listing: true }));
    expect(linksOf((await new TestClient(mounted).get("/files/")).text)).not.to.include("../");
  });

  it("answers 400 to a query that cannot be read", async () => {
    expect((await client.get("/list/?sort=%zz")).status).to.equal(400);
  });

  it("shows a thousand names, and says when there are more", async () => {
    for (let at = 0; at < MAX_ENTRIES; at++) folder.write(`many/${10_000 + at}`, "");
    const full = await client.get("/many/");
    expect(linksOf(full.text)).to.have.length(MAX_ENTRIES + 1);
    expect(full.text).not.to.include("Only the first");
    folder.write("many/0", "");
    const more = await client.get("/many/?order=desc");
    expect(linksOf(more.text)).to.have.length(MAX_ENTRIES + 1);
    expect(linksOf(more.text).slice(-2)).to.deep.equal(["10000", "0"]);
    expect(more.text).to.include("Only the first 1000 names are shown.");
  }).timeout(10_000);

  it("reads no more names than it may", async () => {
    const settings = new FileSettings(folder.path, {});
    for (const [most, names, more] of [
      [5, 5, true],
      [6, 6, true],
      [7, 6, false],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const found = await entriesOf(join(folder.path, "list"), settings, most);
      expect([found.entries.length, found.more]).to.deep.equal([names, more]);
    }
  });

  it("has an order also for names that look the same", () => {
    const names = ["\u00e9", "e\u0301"];
    const entries = names.map((name) => ({ name, isFolder: false, size: 0, changed: new Date(0) }));
    const there = sorted(entries, "name", false);
    expect(sorted(entries.toReversed(), "name", false)).to.deep.equal(there);
  });

  describe("what may not be read", () => {
    const isRoot = process.getuid?.() === 0;

    afterEach(() => {
      if (isRoot) process.seteuid?.(0);
    });

    it("is left out, and a folder that cannot be read is forbidden", async () => {
      chmodSync(folder.path, 0o755);
      for (const [name, mode] of [
        ["locked/file", 0],
        ["locked/folder/x", 0],
        ["locked/seen", 0o644],
      ] as const) {
        folder.write(name, "x");
        chmodSync(join(folder.path, name.replace("/x", "")), mode);
      }
      mkdirSync(join(folder.path, "unreadable"));
      chmodSync(join(folder.path, "unreadable"), 0o111);
      if (isRoot) process.seteuid?.(65_534);
      expect(linksOf((await client.get("/locked/")).text)).to.deep.equal(["../", "seen"]);
      expect((await client.get("/unreadable/")).status).to.equal(403);
      if (isRoot) process.seteuid?.(0);
      for (const name of ["locked/folder", "unreadable"]) {
        chmodSync(join(folder.path, name), 0o755);
      }
    });
  });
});
