import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";

// Adding a name to a door, or taking one away, is a visible change: `UPDATE_API=1 npx mocha -f api` writes the lists anew.

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
    const list = join("spec", "api", `${name.replaceAll("/", "-")}.txt`);

    it(`${name} opens to the names in ${list}`, async () => {
      const all = exportsOf(target["weftline-source"]);
      const lines = all.map(({ name: one, isType }) => (isType ? `type ${one}` : one)).toSorted();
      if (process.env["UPDATE_API"] !== undefined) writeFileSync(list, `${lines.join("\n")}\n`);
      expect(lines).to.deep.equal(readFileSync(list, "utf8").trimEnd().split("\n"));
      const values = all.filter(({ isType }) => !isType).map(({ name: one }) => one);
      expect(Object.keys((await import(name)) as object).toSorted()).to.deep.equal(
        values.toSorted(),
      );
    });

    it(`${name} says of each name what it is`, () => {
      const bare = exportsOf(target["weftline-source"]).filter((one) => !isDocumented(one));
      expect(bare.map(({ name: one, file }) => `${file}: ${one}`)).to.deep.equal([]);
    });
  }
});
