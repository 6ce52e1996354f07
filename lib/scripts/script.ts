import { Resource } from "../web/resource.ts";
import { loadModule } from "./script-loader.ts";
import type { Stamps } from "./stamps.ts";

/** What the function that a script exports is given. */
export interface ScriptContext {
  /** The script's own file, with links resolved. */
  readonly path: string;
  /** Shared by all scripts of a tree, and kept when they are loaded again: what must survive an edit belongs here. */
  readonly registry: Map<string, unknown>;
}

interface Loaded {
  readonly resource: Resource;
  readonly stamps: Stamps;
}

/** A file whose default export is a resource, or a function that gives one. Loaded when first asked for, and again after each change. */
export class Script {
  readonly #context: ScriptContext;
  #loaded: Loaded | undefined;
  #loading: Promise<Loaded> | undefined;

  constructor(context: ScriptContext) {
    this.#context = context;
  }

  /**
   * The resource, at once where nothing has changed, neither the script nor a file that it imports.
   *
   * Otherwise a promise; all who ask meanwhile share one load. It rejects with what is wrong with the script. Then nothing is kept: the
   * next one who asks has it loaded again, since what mends it may be elsewhere.
   */
  resource(): Resource | Promise<Resource> {
    if (this.#loaded?.stamps.current === true) return this.#loaded.resource;
    return this.#reload();
  }

  async #reload(): Promise<Resource> {
    const loaded = await this.#load();
    // Edited while it was being read? Once more, and only once: a script may change a file of its own each time.
    return (loaded.stamps.current ? loaded : await this.#load()).resource;
  }

  #load(): Promise<Loaded> {
    this.#loading ??= this.#make().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #make(): Promise<Loaded> {
    this.#loaded = undefined;
    const { exports, stamps } = await loadModule(this.#context.path);
    const resource = await resourceOf(exports["default"], this.#context);
    this.#loaded = { resource, stamps };
    return this.#loaded;
  }
}

async function resourceOf(exported: unknown, context: ScriptContext): Promise<Resource> {
  const made = isFactory(exported) ? await exported(context) : exported;
  if (made instanceof Resource) return made;
  const what = isFactory(exported)
    ? `the function it exports gave ${named(made)}`
    : `its default export is ${named(made)}`;
  const error = new TypeError(`${context.path}: ${what}, but should give a Resource`);
  error.stack = `${error.name}: ${error.message}`; // where we noticed is no news to who wrote it
  throw error;
}

function isFactory(exported: unknown): exported is (context: ScriptContext) => unknown {
  return typeof exported === "function" && !(exported.prototype instanceof Resource);
}

function named(value: unknown): string {
  if (typeof value === "function") return `the class ${value.name}, not an instance of it`;
  if (value === null || typeof value !== "object") return String(value);
  return `an object of ${value.constructor?.name ?? "no class"}`;
}
