import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { NAMES } from "../examples/index.ts";
import { exampleOf, fences, writeFences } from "./support/fences.ts";

const all = fences();
const files = writeFences(all);

describe("docs", () => {
  it("have code that type-checks", async function () {
    this.timeout(60_000);
    const tsc = join("node_modules", "typescript", "bin", "tsc");
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, "-p", ".fences"]).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).to.equal("");
  });

  for (const { page, line, flags, file } of files) {
    if (!flags.includes("run")) continue;
    it(`${page}:${line} runs`, async () => {
      await import(pathToFileURL(file).href);
    });
  }

  for (const { page, line, flags, file } of files) {
    if (!flags.includes("node-test")) continue;
    it(`${page}:${line} passes under node:test`, async function () {
      this.timeout(20_000);
      const sources = "--import=./spec/support/strip-types.mjs --conditions=weftline-source";
      const args = [...sources.split(" "), "--test", "--test-reporter=tap", file];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      expect(stdout).to.include("# fail 0").and.not.include("# pass 0");
    });
  }

  for (const fence of all) {
    const example = exampleOf(fence);
    if (example === undefined) continue;
    it(`${fence.page}:${fence.line} shows ${example} as it is`, () => {
      expect(fence.code).to.equal(readFileSync(example, "utf8"));
    });
  }

  it("show every example", () => {
    const shown = all.flatMap((fence) => exampleOf(fence) ?? []);
    expect(shown).to.include.members(NAMES.map((name) => `examples/${name}.ts`));
  });

  it("name only npm scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as {
      scripts: Record<string, string>;
    };
    const named = all
      .filter(({ language }) => language === "sh")
      .flatMap(({ code }) => [...code.matchAll(/\bnpm (?:run (?:--silent )?)?([\w:-]+)/g)])
      .map(([, name = ""]) => name)
      .filter((name) => !["ci", "install", "exec", "create", "init", "pack"].includes(name));
    expect(named.filter((name) => scripts[name] === undefined)).to.deep.equal([]);
  });

  for (const folder of ["guide", "reference", "decisions"]) {
    it(`list all pages of ${folder} in its first`, () => {
      const pages = readdirSync(join("docs", folder)).filter((name) => name.endsWith(".md"));
      const first = readFileSync(join("docs", folder, "README.md"), "utf8");
      const missing = pages.filter((name) => name !== "README.md" && !first.includes(`](${name})`));
      expect(missing).to.deep.equal([]);
    });
  }

  it("link only to files that exist", () => {
    const pages = new Set(["README.md", ...all.map(({ page }) => page)]);
    const broken = [...pages].flatMap((page) =>
      [...readFileSync(page, "utf8").matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)]
        .map(([, to = ""]) => join(dirname(page), to))
        .filter((to) => !existsSync(to))
        .map((to) => `${page}: ${to}`),
    );
    expect(broken).to.deep.equal([]);
  });
});

// Fences that are specs are run as such.
for (const { code, file } of files) {
  if (/^\s*(?:describe|it)\(/m.test(code)) await import(pathToFileURL(file).href);
}
