import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";

/** What is exported by name, and where it comes from. */
interface Export {
  readonly name: string;
  readonly isType: boolean;
  /** The file that declares it. */
  readonly file: string;
}

const LIST = /^export (?<type>type )?\{(?<names>[^}]*)\} from "(?<from>[^"]+)";/gm;
const DECLARATION =
  /^export (?:abstract |async )?(?<kind>class|function\*?|const|interface|type) (?<name>[\w$]+)/gm;

/** All that a file exports: what it declares, and what it hands on by name. */
function exportsOf(file: string): readonly Export[] {
  const text = readFileSync(file, "utf8");
  const declared = [...text.matchAll(DECLARATION)].map(({ groups = {} }) => {
    const { kind = "", name = "" } = groups;
    return { name, isType: kind === "interface" || kind === "type", file };
  });
  const handedOn = [...text.matchAll(LIST)].flatMap(({ groups = {} }) => {
    const { type, names = "", from = "" } = groups;
    const source = join(dirname(file), from);
    return names
      .split(",")
      .map((one) => one.trim())
      .filter((one) => one !== "")
      .map((one) => {
        const name = one.replace(/^type /, "");
        return { name, isType: type !== undefined || name !== one, file: origin(source, name) };
      });
  });
  return [...declared, ...handedOn];
}

/** The file that declares a name which `file` exports. */
function origin(file: string, name: string): string {
  const found = exportsOf(file).find((one) => one.name === name);
  if (found === undefined) throw new Error(`${file} does not export ${name}`);
  return found.file;
}

/** Whether a comment stands before the declaration. */
function isDocumented({ name, file }: Export): boolean {
  const text = readFileSync(file, "utf8");
  const declaration = new RegExp(
    String.raw`\*/\n(?:// [^\n]*\n)*export (?:declare )?(?:abstract |async )?(?:class|function\*?|const|interface|type) ${name}\b`,
  );
  return declaration.test(text);
}

const { exports: doors } = JSON.parse(readFileSync("package.json", "utf8")) as {
  exports: Record<string, string | { "weftline-source": string }>;
};

describe("api", () => {
  for (const [door, target] of Object.entries(doors)) {
    if (typeof target === "string") continue;
    const name = join("weftline", door);
    it(`${name} opens to names that are there when it is loaded`, async () => {
      const values = exportsOf(target["weftline-source"]).filter(({ isType }) => !isType);
      const loaded = Object.keys((await import(name)) as object);
      expect(loaded.toSorted()).to.deep.equal(values.map(({ name: one }) => one).toSorted());
    });

    it(`${name} says of each name what it is`, () => {
      const bare = exportsOf(target["weftline-source"]).filter((one) => !isDocumented(one));
      expect(bare.map(({ name: one, file }) => `${file}: ${one}`)).to.deep.equal([]);
    });
  }
});
