import { realpathSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { isEntryName } from "../resources/entry-name.ts";
import { Script } from "./script.ts";

/** In the order in which they are looked for. */
const EXTENSIONS = [".resource.ts", ".resource.js", ".resource.mjs"] as const;

/** What a tree of scripts is made with. */
export interface ScriptsOptions {
  /** What its scripts share. Default: a new one. */
  readonly registry?: Map<string, unknown>;
}

/** The scripts of one folder and the folders in it, each loaded once. They share a registry. */
export class Scripts {
  /** Handed to every script that exports a function. */
  readonly registry: Map<string, unknown>;
  readonly #root: string;
  readonly #scripts = new Map<string, Script>();

  /** Throws where `root` does not exist. */
  constructor(root: string, options: ScriptsOptions = {}) {
    this.#root = realpathSync(root);
    this.registry = options.registry ?? new Map<string, unknown>();
  }

  /** The script `NAME.resource.ts`, `.js` or `.mjs` in `folder`. Undefined where there is none, or where it is a link out of the root. */
  find(folder: string, name: string): Script | undefined {
    if (!isEntryName(name)) return undefined;
    for (const extension of EXTENSIONS) {
      const path = join(folder, name + extension);
      if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return this.#inside(path);
    }
    return undefined;
  }

  /** Whether `folder` has a folder of that name in which scripts are looked for. */
  hasFolder(folder: string, name: string): boolean {
    return (
      isEntryName(name) &&
      statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory() === true
    );
  }

  #inside(link: string): Script | undefined {
    const path = realpathSync(link);
    if (relative(this.#root, path).split(sep)[0] === "..") return undefined;
    let script = this.#scripts.get(path);
    if (script === undefined) {
      script = new Script({ path, registry: this.registry });
      this.#scripts.set(path, script);
    }
    return script;
  }
}
