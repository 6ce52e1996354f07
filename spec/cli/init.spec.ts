import { readdirSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { Failure } from "../../lib/cli/failure.ts";
import { init } from "../../lib/cli/init.ts";
import { Values } from "../../lib/cli/values.ts";
import { version } from "../../lib/cli/version.ts";
import { ScratchFolder } from "../support/scratch-folder.ts";
import { recordingTerminal } from "./recording-terminal.ts";

const FILES = [
  ".gitignore",
  "package.json",
  "site/index.html",
  "site/patience.resource.ts",
  "spec/patience.spec.ts",
];

const make = async (name: string): Promise<string> => {
  const { terminal, out } = recordingTerminal();
  expect(await init.run(new Values({}), [name], terminal)).to.equal(0);
  return out();
};
const failure = async (name: string): Promise<string> => {
  const { terminal } = recordingTerminal();
  const error: unknown = await init
    .run(new Values({}), [name], terminal)
    .catch((reason: unknown) => reason);
  expect(error).to.be.an.instanceOf(Failure);
  return (error as Failure).message;
};
const filesOf = (path: string): string[] =>
  readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => FILES.includes(name))
    .toSorted();

describe("cli/init", () => {
  let folder: ScratchFolder;

  beforeEach(() => {
    folder = new ScratchFolder();
  });

  afterEach(() => {
    folder.remove();
  });

  it("makes a new folder, and those above it, and says what to do next", async () => {
    const path = `${folder.path}/above/My Site`;
    const said = await make(path);
    expect(filesOf(path)).to.deep.equal(FILES);
    expect(said).to.include(`made ${path}/site/patience.resource.ts\n`);
    expect(said).to.include(`cd ${path} && npm install && npm test && npm start`);
  });

  it("fills an empty folder", async () => {
    await make(folder.path);
    expect(filesOf(folder.path)).to.deep.equal(FILES);
  });

  it("depends on this version of the toolkit", async () => {
    await make(folder.path);
    const about = JSON.parse(readFileSync(`${folder.path}/package.json`, "utf8")) as {
      dependencies: Record<string, string>;
    };
    expect(about.dependencies).to.deep.equal({ weftline: `^${version()}` });
  });

  for (const [name, expected] of [
    ["My Site", "my-site"],
    [".hidden", "hidden"],
    ["weftline", "site"],
    ["ü", "site"],
  ] as const) {
    it(`calls the package of "${name}" ${expected}`, async () => {
      await make(`${folder.path}/${name}`);
      const text = readFileSync(`${folder.path}/${name}/package.json`, "utf8");
      expect(JSON.parse(text)).to.have.property("name", expected);
    });
  }

  it("refuses a folder with anything in it, and leaves it alone", async () => {
    folder.write(".mine", "kept");
    expect(await failure(folder.path)).to.equal(`init: ${folder.path} is not empty`);
    expect(readdirSync(folder.path)).to.deep.equal([".mine"]);
  });

  it("says in one line why it cannot write", async () => {
    const file = folder.write("file", "");
    expect(await failure(`${file}/below`)).to.match(
      /^init: cannot write .*: Error: (ENOTDIR|EEXIST).*$/,
    );
  });
});
