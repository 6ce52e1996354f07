import type { Request } from "../web/request.ts";
import { Resource } from "../web/resource.ts";
import type { PluginFactory } from "./file-server.ts";
import type { Answerer } from "./http-server.ts";
import { HttpServlet } from "./http-servlet.ts";

/** Loads a module, fresh, with all that it imports: `loadModule` of `weftline`, or another. Rejects with what is wrong with it. */
export type ModuleLoader = (path: string) => Promise<ServletModule>;

/** A module as it was loaded. */
export interface ServletModule {
  readonly exports: Readonly<Record<string, unknown>>;
  /** Whether its file, and those that it imports, are as they were. */
  readonly stamps: { readonly current: boolean };
}

/** What `__servlet__` may be: a class of servlets, or a function that chooses one or makes one. */
type Servlets = (new (request: Request) => HttpServlet) | ((request: Request) => unknown);

/**
 * A plugin for `FileServer`: files are modules, whose export `__servlet__` makes the servlet for each request. netsvc's `PythonPlugin` with its `ModuleCache`.
 *
 * `__servlet__` is a class of servlets, or a function that is called with the request and gives a servlet, a resource, a class, or a promise of one.
 *
 * An edit of the file, or of one that it imports, takes effect at the next request. What is broken is answered 500 and logged; nothing of the version before is kept
 * then, and it is loaded again for the next request (netsvc served the old one again). Whoever can write into the folder can run programs here.
 */
export function modulePlugin(load: ModuleLoader): PluginFactory {
  const files = new Map<string, ServletFile>();
  return (request, path) => {
    const file = files.get(path) ?? new ServletFile(path, load);
    files.set(path, file);
    return file.servlet(request);
  };
}

/** One file, loaded when first asked for, and again after each change. */
class ServletFile {
  readonly #path: string;
  readonly #load: ModuleLoader;
  #loaded: ServletModule | undefined;
  #loading: Promise<ServletModule> | undefined;

  constructor(path: string, load: ModuleLoader) {
    this.#path = path;
    this.#load = load;
  }

  async servlet(request: Request): Promise<Answerer> {
    const { exports } = await this.#module();
    const servlets = exports["__servlet__"];
    if (!isServlets(servlets))
      throw this.#wrong("its __servlet__ is neither a class nor a function");
    const made: unknown = isServletClass(servlets) ? servlets : await servlets(request);
    const servlet = isServletClass(made) ? new made(request) : made;
    if (servlet instanceof HttpServlet || servlet instanceof Resource) return servlet;
    throw this.#wrong("its __servlet__ gave no servlet");
  }

  /** All who ask while it is being loaded share that. One that was edited meanwhile is loaded once more. */
  async #module(): Promise<ServletModule> {
    if (this.#loaded?.stamps.current === true) return this.#loaded;
    const module = await this.#reload();
    return module.stamps.current ? module : this.#reload();
  }

  #reload(): Promise<ServletModule> {
    this.#loaded = undefined;
    this.#loading ??= this.#load(this.#path)
      .then((module) => {
        this.#loaded = module;
        return module;
      })
      .finally(() => {
        this.#loading = undefined;
      });
    return this.#loading;
  }

  #wrong(what: string): TypeError {
    const error = new TypeError(`${this.#path}: ${what}`);
    error.stack = `${error.name}: ${error.message}`; // where we noticed is no news to who wrote it
    return error;
  }
}

function isServlets(value: unknown): value is Servlets {
  return typeof value === "function";
}

function isServletClass(value: unknown): value is new (request: Request) => HttpServlet {
  return (
    typeof value === "function" && (value === HttpServlet || value.prototype instanceof HttpServlet)
  );
}
