import { renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { expect } from "chai";
import { Stamps } from "../../lib/scripts/stamps.ts";
import { ScratchFolder } from "../support/scratch-folder.ts";

describe("scripts/stamps", () => {
  let folder: ScratchFolder;
  let file: string;
  let stamps: Stamps;

  beforeEach(() => {
    folder = new ScratchFolder();
    file = folder.write("a", "one");
    stamps = new Stamps();
    stamps.note(file);
  });

  afterEach(() => {
    folder.remove();
  });

  const CHANGES: Readonly<Record<string, () => void>> = {
    "another size": () => {
      const { atime, mtime } = statSync(file);
      folder.write("a", "longer");
      utimesSync(file, atime, mtime);
    },
    "a later time": () => {
      utimesSync(file, 0, statSync(file).mtimeMs / 1000 + 10);
    },
    "an earlier time": () => {
      utimesSync(file, 0, 1000);
    },
    "another file of the same size and time in its place": () => {
      const other = folder.write("b", "two");
      utimesSync(other, 0, 1000);
      utimesSync(file, 0, 1000);
      stamps = new Stamps();
      stamps.note(file);
      renameSync(other, file);
    },
    "its removal": () => {
      rmSync(file);
    },
  };

  for (const [name, change] of Object.entries(CHANGES)) {
    it(`sees ${name}`, () => {
      expect(stamps.current).to.equal(true);
      change();
      expect(stamps.current).to.equal(false);
    });
  }

  it("sees a file come", () => {
    stamps.note(`${folder.path}/later`);
    expect(stamps.current).to.equal(true);
    folder.write("later", "");
    expect(stamps.current).to.equal(false);
  });

  it("keeps to the first look at a file", () => {
    folder.write("a", "longer");
    stamps.note(file);
    expect(stamps.current).to.equal(false);
  });
});
