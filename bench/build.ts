import { spawnSync } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");

let built = false;

/** Builds the package and our apps on it, once a run: what is measured is what users get, without a loader in the process. */
export function buildWeftline(): void {
  if (built) return;
  run("npm", ["run", "--silent", "build"]);
  run(join(ROOT, "node_modules/.bin/tsc"), ["-p", "bench/tsconfig.json"]);
  built = true;
}

/** The command of one of our apps as {@link buildWeftline} leaves it. */
export function builtApp(name: string, port: number): readonly string[] {
  return [process.execPath, join(import.meta.dirname, "built/apps", `${name}.js`), String(port)];
}

/** The command `weftline`, built. */
export const CLI: string = join(ROOT, "dist/cli/main.js");

function run(program: string, args: readonly string[]): void {
  const { status } = spawnSync(program, args, { cwd: ROOT, stdio: "inherit" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed`);
}
