import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isEntryName } from "../resources/entry-name.ts";
import { File } from "../resources/file.ts";
import type { Request } from "../web/request.ts";
import type { Resource } from "../web/resource.ts";
import { type Answerer, HttpServer } from "./http-server.ts";

/** Makes the servlet for a request that leads to a file. `path` is that of the file itself, with links resolved; what follows it in the URL is in `request.postpath`. */
export type PluginFactory = (request: Request, path: string) => Answerer | Promise<Answerer>;

interface Plugin {
  /** The end of the file's name. */
  readonly extension: string;
  /** What stands for it in the URL; undefined: itself. */
  readonly alias: string | undefined;
  readonly factory: PluginFactory;
  /** The folder, with this plugin for all that ends in its extension. */
  readonly files: File;
}

/**
 * Serves a folder, some files of it by plugins. netsvc's `FileServer`, on top of `File`: what that never serves (hidden names, links that lead out) is not there.
 *
 * Configure it before it serves. Deviation: the source of a plugin is never sent as a file, hidden or not.
 */
export class FileServer extends HttpServer {
  readonly #directory: string;
  readonly #types: Record<string, string> = {};
  readonly #indexNames: string[] = [];
  readonly #hidden: string[] = [];
  /** In the order in which they are tried. */
  readonly #plugins: Plugin[] = [];
  #plain: File | undefined;

  /** A relative path is that of now. */
  constructor(directory: string) {
    super();
    this.#directory = resolve(directory);
  }

  /** The Content-Type of files with this extension, which begins with a dot. */
  map(extension: string, type: string): this {
    this.#types[extension] = type;
    return this.#changed();
  }

  /**
   * A name that answers for a folder. Of several the first that exists, in the order given: there manual and code of netsvc differ. Without one a folder is 403.
   */
  index(name: string): this {
    this.#indexNames.push(name);
    return this.#changed();
  }

  /** Names that end so (`.srv`, `~`) are not there. */
  hide(extension: string): this {
    this.#hidden.push(extension);
    return this.#changed();
  }

  /**
   * Has `factory` make the servlets for files whose names end in `extension`. With an `alias`, they are found under that end in its place: `.html`, or `""` for none;
   * the one given last is tried first. What follows the file in the path is the servlet's.
   *
   * Without a factory that of the extension is taken, for one more alias; a TypeError where there is none.
   */
  plugin(extension: string, factory: PluginFactory | undefined, alias?: string): this {
    const known = this.#plugins.find((one) => one.extension === extension);
    const make = factory ?? known?.factory;
    if (make === undefined) throw new TypeError(`there is no plugin for ${extension} yet`);
    if (extension === "") throw new TypeError("the extension of a plugin is not empty");
    const processor = (path: string): Resource => new HttpServer((request) => make(request, path));
    const last = extension.slice(extension.lastIndexOf(".") + 1);
    const files = new File(this.#directory, { processors: { [last]: processor }, cacheBytes: 0 });
    this.#plugins.unshift({ extension, alias, factory: make, files });
    return this.#changed();
  }

  override servlet(request: Request): Resource | Promise<Resource> {
    return this.#plugins.length === 0 ? this.#files() : this.#find(request);
  }

  #changed(): this {
    this.#plain = undefined;
    return this;
  }

  #files(): File {
    this.#plain ??= new File(this.#directory, {
      types: this.#types,
      indexNames: this.#indexNames,
      hide: [...this.#hidden, ...this.#plugins.map(({ extension }) => extension)],
    });
    return this.#plain;
  }

  /** Looks for a plugin's file at each segment, and gives its real name to the path. */
  async #find(request: Request): Promise<Resource> {
    const path = request.postpath;
    for (const [index, segment] of path.entries()) {
      const before = path.slice(0, index);
      // A name that `File` refuses is refused by it.
      if (!before.every(isEntryName)) break;
      for (const plugin of this.#plugins) {
        const name = this.#sourceOf(segment, plugin);
        // oxlint-disable-next-line no-await-in-loop -- in the order in which they are tried
        if (name === undefined || !(await isFile(join(this.#directory, ...before, name)))) continue;
        request.redirectPath([...before, name, ...path.slice(index + 1)]);
        return plugin.files;
      }
    }
    return this.#files();
  }

  /** The name of the file that a segment would mean to a plugin. */
  #sourceOf(segment: string, { alias, extension }: Plugin): string | undefined {
    const end = alias ?? extension;
    const isHidden = this.#hidden.some((hidden) => segment.endsWith(hidden));
    if (isHidden || segment === end || !segment.endsWith(end)) return undefined;
    const name = segment.slice(0, segment.length - end.length) + extension;
    return isEntryName(name) ? name : undefined;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    // Whatever is wrong with it, `File` says the same to all who ask.
    return false;
  }
}
