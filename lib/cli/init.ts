import { cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "./command.ts";
import { Failure } from "./failure.ts";
import type { Terminal } from "./terminal.ts";
import type { Values } from "./values.ts";
import { version } from "./version.ts";

/** `weftline init DIR`: a small site to begin with. */
export const init: Command = {
  name: "init",
  summary: "make a small site in a new or empty folder: a script, a page, a spec",
  operands: ["DIR"],
  options: {},
  run: makeSite,
};

/** What is copied, beside what {@link ownFiles} gives. */
const TEMPLATE = fileURLToPath(new URL("../../examples/new-site", import.meta.url));

async function makeSite(
  _values: Values,
  [dir = "."]: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const path = resolve(dir);
  try {
    await mkdir(path, { recursive: true });
    if ((await readdir(path)).length > 0) throw new Failure(`init: ${dir} is not empty`);
    await cp(TEMPLATE, path, { recursive: true });
    for (const [name, text] of Object.entries(ownFiles(packageName(path)))) {
      await writeFile(join(path, name), text);
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`init: cannot write ${dir}: ${String(error)}`, 1, { cause: error });
  }
  for (const name of await filesBelow(path)) terminal.print(`made ${join(dir, name)}`);
  terminal.print(`Now: cd ${dir} && npm install && npm test && npm start`);
  return 0;
}

async function filesBelow(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath.slice(path.length), entry.name))
    .toSorted();
}

/** Files that depend on where they are made, or that npm would not pack. */
function ownFiles(name: string): Readonly<Record<string, string>> {
  const about = {
    name,
    private: true,
    type: "module",
    scripts: {
      start: "weftline web --path site --scripts",
      test: "node --import jiti/register --test spec/patience.spec.ts",
    },
    dependencies: { weftline: `^${version()}` },
    devDependencies: { jiti: "^2.7.0" },
  };
  return { ".gitignore": "node_modules\n", "package.json": `${JSON.stringify(about, null, 2)}\n` };
}

/** The name of the folder, as far as npm takes it for one of a package. */
function packageName(path: string): string {
  const name = basename(path)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+|[._-]+$/g, "");
  return name === "" || name === "weftline" ? "site" : name;
}
