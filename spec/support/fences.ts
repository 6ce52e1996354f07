import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";

/** A piece of code in a page. */
export interface Fence {
  /** The page, relative to the repository. */
  readonly page: string;
  readonly line: number;
  /** `ts`, `sh` and so on. */
  readonly language: string;
  /** What follows the language: `run` has it imported, `node-test` has it run by that, `examples/NAME.ts` says that it is that file. */
  readonly flags: readonly string[];
  readonly code: string;
}

/** A fence that was written to a file, so that it can be compiled and imported as a user's file would be. */
export interface FenceFile extends Fence {
  readonly file: string;
}

/** Not in the repository; inside it, so that `import … from "weftline"` means this package. */
const FOLDER = resolve(".fences");

const FENCE = /^```(?<language>[a-z]+)(?<flags>[^\n]*)\n(?<code>.*?)^```$/gms;

/** Every fence of README.md and of `docs/`, in order. */
export function fences(): readonly Fence[] {
  const docs = readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .toSorted()
    .map((name) => join("docs", name));
  return ["README.md", ...docs].flatMap((page) => fencesOf(page, readFileSync(page, "utf8")));
}

function fencesOf(page: string, text: string): Fence[] {
  return [...text.matchAll(FENCE)].map((match) => {
    const { language = "", flags = "", code = "" } = match.groups ?? {};
    const line = text.slice(0, match.index).split("\n").length;
    return { page, line, language, flags: flags.trim().split(" "), code };
  });
}

/**
 * Writes the TypeScript fences to files, a folder for each page.
 *
 * A fence that begins with a comment such as `// slow.resource.ts` has that name, so that the others of its page can import it.
 */
export function writeFences(all: readonly Fence[]): readonly FenceFile[] {
  rmSync(FOLDER, { recursive: true, force: true });
  const files = all
    .filter(({ language }) => language === "ts")
    .map((fence) => ({ ...fence, file: fileOf(fence) }));
  for (const fence of files) {
    mkdirSync(dirname(fence.file), { recursive: true });
    writeFileSync(fence.file, textOf(fence));
  }
  const config = {
    extends: "../tsconfig.json",
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
    include: [],
    files: files.map(({ file }) => file),
  };
  writeFileSync(join(FOLDER, "tsconfig.json"), JSON.stringify(config));
  return files;
}

/** The example that a fence shows; undefined where it is a piece of code of its own. */
export function exampleOf({ flags }: Fence): string | undefined {
  return flags.find((flag) => flag.startsWith("examples/"));
}

/** An example runs where it is, beside its files. */
function textOf(fence: FenceFile): string {
  const example = exampleOf(fence);
  if (example === undefined) return fence.code;
  const from = JSON.stringify(relative(dirname(fence.file), example));
  const all = `export * from ${from};\n`;
  const hasDefault = /^export default /m.test(readFileSync(example, "utf8"));
  return hasDefault ? `${all}export { default } from ${from};\n` : all;
}

function fileOf(fence: Fence): string {
  const { page, line, code } = fence;
  const example = exampleOf(fence);
  const named =
    example === undefined
      ? /^\/\/ (?<name>[\w./-]+\.ts)\n/.exec(code)?.groups?.["name"]
      : basename(example);
  return join(FOLDER, page.replace(/\.md$/, ""), named ?? `line-${line}.ts`);
}
