import { expect } from "chai";
import * as weftline from "weftline";
import { type LoadedModule, loadModule } from "../../lib/scripts/script-loader.ts";
import { collectGarbage } from "../support/garbage.ts";
import { ScratchFolder } from "../support/scratch-folder.ts";

describe("scripts/script-loader", function () {
  this.timeout(5000); // the translator itself takes a while to load

  let folder: ScratchFolder;

  beforeEach(() => {
    folder = new ScratchFolder();
  });

  afterEach(() => {
    folder.remove();
  });

  const load = (text: string, name = "main.ts"): Promise<LoadedModule> =>
    loadModule(folder.write(name, text));
  const failure = async (text: string): Promise<string> => {
    const error: unknown = await load(text).catch((reason: unknown) => reason);
    expect(error).to.be.an.instanceOf(Error);
    return (error as Error).stack ?? "";
  };

  it("gives the exports of a module, the default among them", async () => {
    const { exports } = await load("export default 1; export const two: number = 2;");
    expect(exports).to.include({ default: 1, two: 2 });
  });

  it("has no default where none is exported", async () => {
    expect((await load("export const a = 1;")).exports["default"]).to.equal(undefined);
  });

  for (const name of ["main.ts", "main.js", "main.mjs"]) {
    it(`loads ${name} anew each time, in a folder of ES modules too`, async () => {
      folder.write("package.json", '{ "type": "module" }');
      const first = await load("export default {};", name);
      const second = await load("export default {};", name);
      expect(first.exports["default"]).not.to.equal(second.exports["default"]);
    });
  }

  for (const [name, text] of [
    ["part.ts", "export const part: string = TEXT;"],
    ["part.js", "export const part = TEXT;"],
    ["part.mjs", "export const part = TEXT;"],
    ["part.cjs", "exports.part = TEXT;"],
  ] as const) {
    it(`loads ${name}, which it imports, anew each time, and looks at it`, async () => {
      folder.write("package.json", '{ "type": "module" }');
      folder.write(name, text.replace("TEXT", '"one"'));
      const main = `import { part } from "./${name}"; export default part;`;
      const before = await load(main);
      expect(before.exports["default"]).to.equal("one");
      expect(before.stamps.current).to.equal(true);
      folder.write(name, text.replace("TEXT", '"second"'));
      expect(before.stamps.current).to.equal(false);
      expect((await load(main)).exports["default"]).to.equal("second");
    });
  }

  it("reads JSON anew each time, and looks at it", async () => {
    folder.write("data.json", '{ "a": 1 }');
    const main = 'import data from "./data.json" with { type: "json" }; export default data.a;';
    const before = await load(main);
    folder.write("data.json", '{ "a": 23 }');
    expect(before.exports["default"]).to.equal(1);
    expect(before.stamps.current).to.equal(false);
    expect((await load(main)).exports["default"]).to.equal(23);
  });

  it("loads what two files import once", async () => {
    folder.write("deep.ts", "export const once = {};");
    folder.write("left.ts", 'export { once as left } from "./deep.ts";');
    folder.write("right.ts", 'export { once as right } from "./deep.ts";');
    const { exports } = await load(
      'import { left } from "./left.ts"; import { right } from "./right.ts"; export default left === right;',
    );
    expect(exports["default"]).to.equal(true);
  });

  it("takes what import() gives later", async () => {
    folder.write("late.ts", "export const late = 7;");
    const { exports } = await load(
      'const { late } = await import("./late.ts"); export default late;',
    );
    expect(exports["default"]).to.equal(7);
  });

  it("gives the running toolkit where nothing of it is installed", async () => {
    const { exports } = await load(
      'import { Headers } from "weftline/http"; export default new Headers();',
    );
    const { Headers } = await import("weftline/http");
    expect(exports["default"]).to.be.an.instanceOf(Headers);
    expect(
      (await load('import * as all from "weftline"; export default Object.keys(all);')).exports[
        "default"
      ],
    ).to.include.members(Object.keys(weftline));
  });

  it("gives Node's modules and installed packages as they are loaded already", async () => {
    folder.write("node_modules/kept/package.json", '{ "type": "module", "exports": "./index.js" }');
    folder.write("node_modules/kept/index.js", "export const kept = {};");
    const main =
      'import { kept } from "kept"; import { join } from "node:path"; export default kept; export { join };';
    const [first, second] = [await load(main), await load(main)];
    expect(first.exports["default"]).to.equal(second.exports["default"]);
    expect(first.exports["join"]).to.be.a("function");
  });

  it("understands what is TypeScript's own", async () => {
    const { exports } = await load(
      "enum Colour { Red = 3 }\nclass Point { constructor(readonly x: number) {} }\nexport default new Point(Colour.Red).x;",
    );
    expect(exports["default"]).to.equal(3);
  });

  it("names file, line and column of a mistake in the grammar", async () => {
    expect(await failure("export default 1;\n\nconst a: = 3;")).to.match(
      /ParseError: .*\n? .*main\.ts:3:9/,
    );
  });

  it("names file and line of a mistake in what is imported", async () => {
    folder.write("part.ts", "\nlet x = ;");
    expect(await failure('import "./part.ts";')).to.match(/part\.ts:2:8/);
  });

  it("names file and line of what a module throws", async () => {
    expect(await failure('\n\nthrow new Error("no");')).to.match(/^Error: no\n.*main\.ts:3:7/);
  });

  for (const specifier of ["./nowhere.ts", "no-such-package", "weftline/no-such-door"]) {
    it(`names ${specifier}, which cannot be imported`, async () => {
      expect(await failure(`import "${specifier}";`)).to.include(
        specifier.replace("weftline", "."),
      );
    });
  }

  it("names the file of broken JSON", async () => {
    folder.write("data.json", "{ a");
    expect(await failure('import data from "./data.json"; export default data;')).to.include(
      "data.json is not JSON",
    );
  });

  it("keeps nothing of what was loaded before", async () => {
    folder.write("big.ts", "export const big = { numbers: new Array(100_000).fill(1.5) };");
    const main = 'import { big } from "./big.ts"; export default big;';
    const kept: WeakRef<object>[] = [];
    for (let count = 0; count < 5; count++) {
      kept.push(new WeakRef((await load(main)).exports["default"] as object));
    }
    await collectGarbage();
    expect(kept.filter((reference) => reference.deref() !== undefined)).to.have.length.below(2);
  });
});
