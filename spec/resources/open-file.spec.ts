import { mkdirSync, renameSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { HttpError } from "weftline";
import { closeFile, isNamed, lookAt, meaningOf, openFile } from "../../lib/resources/open-file.ts";
import { openDescriptors } from "../support/open-descriptors.ts";
import { ScratchFolder } from "../support/scratch-folder.ts";
import { turnUntil } from "../support/turns.ts";

function errorOf(code: string): Error {
  return Object.assign(new Error(code), { code });
}

describe("resources/open-file", () => {
  let folder: ScratchFolder;

  before(() => {
    folder = new ScratchFolder();
    folder.write("root/a.txt", "a");
    folder.write("b.txt", "b");
    mkdirSync(join(folder.path, "root/sub"));
    symlinkSync("../b.txt", join(folder.path, "root/out"));
  });

  after(() => folder.remove());

  for (const code of ["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP", "ENXIO"]) {
    it(`takes ${code} for nothing`, () => {
      expect(meaningOf(errorOf(code)).kind).to.equal("nothing");
    });
  }

  for (const code of ["EACCES", "EPERM"]) {
    it(`takes ${code} for forbidden`, () => {
      expect(meaningOf(errorOf(code)).kind).to.equal("forbidden");
    });
  }

  for (const code of ["EMFILE", "ENFILE"]) {
    it(`answers ${code} with 503, to be tried again`, () => {
      const error = errorOf(code);
      expect(() => meaningOf(error))
        .to.throw(HttpError)
        .that.deep.includes({ status: 503, headers: { "Retry-After": "1" }, cause: error });
    });
  }

  for (const error of [errorOf("EIO"), new Error("other"), "text"]) {
    it(`throws ${String(error)} as it is`, () => {
      let thrown: unknown;
      try {
        meaningOf(error);
      } catch (caught) {
        thrown = caught;
      }
      expect(thrown).to.equal(error);
    });
  }

  it("opens a file in the root, and nothing outside", async () => {
    const bounds = { root: join(folder.path, "root"), followSymlinks: false };
    const found = await openFile(join(bounds.root, "a.txt"), bounds);
    expect(found).to.include({ kind: "file", path: join(bounds.root, "a.txt") });
    expect(openDescriptors(folder.path)).to.equal(process.platform === "linux" ? 1 : 0);
    if (found.kind === "file") closeFile(found.descriptor);
    await turnUntil(() => openDescriptors(folder.path) === 0);
    for (const [path, kind] of [
      ["root", "folder"],
      ["root/sub", "folder"],
      ["root/out", "nothing"],
      ["root/none", "nothing"],
      ["b.txt", "nothing"],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect((await openFile(join(folder.path, path), bounds)).kind, path).to.equal(kind);
    }
  });

  it("looks at what it would open", async () => {
    const bounds = { root: join(folder.path, "root"), followSymlinks: false };
    const at = async (path: string): Promise<boolean> =>
      (await lookAt(join(folder.path, path), bounds)) !== undefined;
    expect(await at("root/a.txt")).to.equal(true);
    expect(await at("root/sub")).to.equal(true);
    for (const path of ["root/out", "root/none", "b.txt"]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await at(path), path).to.equal(false);
    }
    expect(await lookAt("/dev/null", { root: "/dev", followSymlinks: false })).to.equal(undefined);
  });

  it("tells by name and number whether a file is still the same, where the system says no more", async () => {
    const path = folder.write("root/c.txt", "c");
    const stat = statSync(path);
    expect(await isNamed(path, stat)).to.equal(true);
    renameSync(folder.write("root/d.txt", "d"), path);
    expect(await isNamed(path, stat)).to.equal(false);
    symlinkSync("root", join(folder.path, "link"));
    expect(await isNamed(join(folder.path, "link/c.txt"), statSync(path))).to.equal(false);
  });

  it("takes the root of the whole system as a root", async () => {
    const found = await openFile(join(folder.path, "b.txt"), { root: "/", followSymlinks: false });
    expect(found.kind).to.equal("file");
    if (found.kind === "file") closeFile(found.descriptor);
  });
});
