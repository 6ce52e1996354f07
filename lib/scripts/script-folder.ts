import { isScriptSource } from "../resources/entry-name.ts";
import type { Rendered } from "../web/body.ts";
import type { Request } from "../web/request.ts";
import { NO_RESOURCE, Resource } from "../web/resource.ts";
import { Scripts } from "./scripts.ts";

/** The script that answers for a folder itself. */
const INDEX = "index";

/**
 * A folder whose scripts are resources, around the resource that answers for all else in it, most often a `File`.
 *
 * A file `NAME.resource.ts` (`.js`, `.mjs`) is the resource at `NAME`, before anything else of that name, and gets the rest of the path. `index.resource.ts`
 * is also the resource of the folder itself, at `/`. Folders in it are treated likewise. An edit of a script, or of what it imports, takes effect at the next
 * request; a script that is broken is answered 500, and what is wrong with it is in the log. The sources are not found under any name.
 *
 * Whoever can write into the folder can run programs here. Twisted's `.rpy` files.
 */
export class ScriptFolder extends Resource {
  readonly #path: string;
  readonly #otherwise: Resource;
  readonly #scripts: Scripts;

  constructor(path: string, otherwise: Resource, scripts: Scripts = new Scripts(path)) {
    super();
    this.#path = path;
    this.#otherwise = otherwise;
    this.#scripts = scripts;
  }

  override getChildWithDefault(name: string, request: Request): Resource | Promise<Resource> {
    if (isScriptSource(name)) return NO_RESOURCE;
    const script = this.#scripts.find(this.#path, name === "" ? INDEX : name);
    if (script !== undefined) return script.resource();
    const child = this.#otherwise.getChildWithDefault(name, request);
    if (!this.#scripts.hasFolder(this.#path, name)) return child;
    return child instanceof Promise
      ? child.then((resource) => this.#folder(name, resource))
      : this.#folder(name, child);
  }

  override render(request: Request): Rendered {
    return this.#otherwise.render(request);
  }

  #folder(name: string, child: Resource): Resource {
    if (child.isLeaf && child !== NO_RESOURCE) return child;
    return new ScriptFolder(`${this.#path}/${name}`, child, this.#scripts);
  }
}
