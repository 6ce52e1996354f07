import { statSync } from "node:fs";
import { expect } from "chai";
import type { FileForms } from "../../lib/resources/file-lookup.ts";
import { KnownFiles } from "../../lib/resources/known-files.ts";
import { ServedFile } from "../../lib/resources/served-file.ts";

const stat = statSync("package.json");

/** Forms of a file of so many bytes. */
function forms(bytes: number): FileForms {
  const plain = new ServedFile({
    path: "package.json",
    stat,
    type: "text/plain",
    coding: "identity",
    varies: false,
    cacheControl: "",
    content: new Uint8Array(bytes),
  });
  return { plain, packed: [], stamps: new Map() };
}

/** So many bytes hold two files of `forms(1_000)`. */
const ROOM = 2 * (1_000 + 2_048);

describe("resources/known-files", () => {
  it("knows a file for a second from when it was seen", () => {
    const known = new KnownFiles(ROOM);
    known.put("/a", forms(1), 500);
    for (const [now, isKnown] of [
      [500, true],
      [1_499, true],
      [1_500, false],
      [499, false],
    ] as const) {
      expect(known.get("/a", now) !== undefined, String(now)).to.equal(isKnown);
    }
  });

  it("holds as much as it may, and no byte more", () => {
    const known = new KnownFiles(ROOM);
    known.put("/a", forms(1_000), 0);
    known.put("/b", forms(1_000), 0);
    expect(known.bytes).to.equal(ROOM);
    known.put("/c", forms(1), 0);
    expect(["/a", "/b", "/c"].map((path) => known.get(path, 0) !== undefined)).to.deep.equal([
      false,
      true,
      true,
    ]);
    known.put("/d", forms(ROOM), 0);
    expect(known.get("/d", 0)).to.equal(undefined);
    known.put("/e", forms(ROOM - 2_048), 0);
    expect(known.bytes).to.equal(ROOM);
    known.delete("/e");
    known.delete("/e");
    expect(known.bytes).to.equal(0);
  });

  it("gives up first what nobody has asked for", () => {
    const known = new KnownFiles(ROOM);
    known.put("/a", forms(1_000), 0);
    known.put("/b", forms(1_000), 0);
    known.get("/a", 0);
    known.put("/c", forms(1_000), 0);
    expect(known.get("/b", 0)).to.equal(undefined);
    expect(known.get("/a", 0)).not.to.equal(undefined);
    known.get("/c", 0);
    known.put("/d", forms(1_000), 0);
    expect(known.bytes).to.equal(ROOM);
    expect(known.get("/d", 0)).not.to.equal(undefined);
  });

  it("counts a file once that is put twice", () => {
    const known = new KnownFiles(ROOM);
    known.put("/a", forms(1_000), 0);
    known.put("/a", forms(1), 0);
    expect(known.bytes).to.equal(2_049);
  });

  it("believes again what a look has confirmed", async () => {
    const known = new KnownFiles(ROOM);
    known.put("/a", forms(1), 0);
    expect(await known.check("/a", 5_000)).not.to.equal(undefined);
    expect(known.get("/a", 5_999)).not.to.equal(undefined);
    expect(await known.check("/none", 0)).to.equal(undefined);
  });

  it("forgets what has changed, but not what came in its place meanwhile", async () => {
    const known = new KnownFiles(ROOM);
    const changed = { ...forms(1), stamps: new Map([["package.json", "other"]]) };
    known.put("/a", changed, 0);
    expect(await known.check("/a", 0)).to.equal(undefined);
    expect(known.bytes).to.equal(0);
    known.put("/a", changed, 0);
    const checked = known.check("/a", 0);
    known.put("/a", forms(1), 0);
    expect(await checked).to.equal(undefined);
    expect(known.get("/a", 0)).not.to.equal(undefined);
  });
});
