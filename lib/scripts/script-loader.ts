// A module is loaded into a generation of its own: a fresh copy of it and of all it imports, but for packages in node_modules, which
// are loaded once for the process, and this toolkit, which is the running one. When the generation is let go, all of it goes.
// (Node's own import() keeps every copy for ever.) jiti translates and evaluates; here is what it is to do with an import.
import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { extname, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { createJiti, Jiti, ModuleCache, TransformOptions } from "jiti";
import { Stamps } from "./stamps.ts";

/** A module as it was loaded. */
export interface LoadedModule {
  /** Its exports by name, `default` among them. */
  readonly exports: Readonly<Record<string, unknown>>;
  /** Of its file and of all that it imported, but for packages. */
  readonly stamps: Stamps;
}

type Import = (specifier: string) => Promise<unknown>;
type Resolve = (specifier: string, options: { try: true }) => string | undefined;

/** Under which name the code of a generation finds {@link Generation.link}. */
const LINK = "weftline:link";
/** Begins each translated module, on its first line so that line numbers stay: its imports pass through the generation. */
const PREFIX = `"use strict";jitiImport=require("${LINK}")(jitiImport,jitiESMResolve);`;
const STRICT = /^"use strict";/;

class Generation {
  readonly stamps: Stamps = new Stamps();
  readonly #jiti: Jiti;
  readonly #cache: ModuleCache = {};

  constructor(path: string, create: typeof createJiti) {
    const translator = create(path, { fsCache: false });
    this.#jiti = create(path, {
      fsCache: false,
      moduleCache: false,
      virtualModules: {
        [LINK]: (jitiImport: Import, resolve: Resolve) => this.#link(jitiImport, resolve),
      },
      transform: (options: TransformOptions) => ({
        code: PREFIX + translator.transform(options).replace(STRICT, ""),
      }),
    });
  }

  async load(path: string): Promise<unknown> {
    const known = this.#cache[path];
    if (known !== undefined) return known.exports;
    this.stamps.note(path);
    const source = await readFile(path, "utf8");
    return this.#jiti.evalModule(source, {
      filename: path,
      cache: this.#cache,
      async: true,
      forceTranspile: true, // left to itself, jiti hands .mjs and some .js to Node's import(), which keeps them
    });
  }

  /** What one module imports by. */
  #link(jitiImport: Import, resolve: Resolve): Import {
    return async (specifier) => {
      if (specifier === "weftline" || specifier.startsWith("weftline/")) return import(specifier);
      if (isBuiltin(specifier)) return jitiImport(specifier);
      const url = resolve(specifier, { try: true });
      if (url === undefined || !url.startsWith("file:")) return jitiImport(specifier);
      const path = fileURLToPath(url);
      if (path.includes(`${sep}node_modules${sep}`)) return jitiImport(specifier);
      return extname(path) === ".json" ? this.#json(path) : this.load(path);
    };
  }

  async #json(path: string): Promise<unknown> {
    this.stamps.note(path);
    const text = await readFile(path, "utf8");
    try {
      return { __esModule: true, default: JSON.parse(text) };
    } catch (error) {
      throw new Error(`${path} is not JSON: ${String(error)}`, { cause: error });
    }
  }
}

/**
 * Loads a file of TypeScript or JavaScript (an ES module), fresh, with fresh copies of the files that it imports.
 *
 * `import … from "weftline"` gives the classes of the running toolkit, wherever the file lies. Types are not checked. Rejects with what
 * the module threw, or with an error that names the file, the line and the column.
 *
 * What a CommonJS file gets by `require`, and packages in `node_modules`, are loaded once for the process and not looked at again.
 */
export async function loadModule(path: string): Promise<LoadedModule> {
  const jiti = await import("jiti");
  const generation = new Generation(path, jiti.createJiti);
  const exports = Object.assign({}, await generation.load(path)); // jiti's own object has a default in any case
  return { exports, stamps: generation.stamps };
}
