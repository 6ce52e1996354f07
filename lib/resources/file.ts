import { resolve } from "node:path";
import type { Rendered } from "../web/body.ts";
import type { Request } from "../web/request.ts";
import { Resource } from "../web/resource.ts";
import { type FileOptions, FileSettings } from "./file-options.ts";
import { type Answer, FileTree } from "./file-tree.ts";

/**
 * A folder with all that is in it, or one file. Twisted's `static.File`.
 *
 * - GET and HEAD, conditional requests and ranges (RFC 9110 sections 13 and 14), `index.html`, a redirect from `/folder` to `/folder/`.
 * - Only what lies in the folder and has a visible name is there. Names that begin with a dot (but for `.well-known`), links that lead out, FIFOs and
 *   devices, sources of scripts (`*.resource.ts`) and paths that two systems could read differently are answered 404.
 * - What is of an unknown type is sent as `application/octet-stream`; browsers are told not to guess.
 * - Small files are kept in memory and answered within the call. A change of any file shows after a second at the latest, by the clock of the site.
 * - Large files are read as fast as the client takes them. One that shrinks meanwhile breaks the response off.
 *
 * The path need not exist yet. Resources that are put below with `putChild` come before files.
 */
export class File extends Resource {
  readonly #entry: FileEntry;

  /** A relative `path` is that of now, not of the time of a request. */
  constructor(path: string, options: FileOptions = {}) {
    super();
    this.#entry = new FileEntry(new FileTree(new FileSettings(resolve(path), options)), "");
  }

  override getChild(name: string, request: Request): Resource | Promise<Resource> {
    return this.#entry.getChild(name, request);
  }

  override render(request: Request): Rendered {
    return this.#entry.render(request);
  }
}

/** A path below the root; nobody has looked yet what is there. */
class FileEntry extends Resource {
  readonly #tree: FileTree;
  /** Empty for the root itself; begins with a slash otherwise, and ends with one where a folder is asked for. */
  readonly #path: string;

  constructor(tree: FileTree, path: string) {
    super();
    this.#tree = tree;
    this.#path = path;
  }

  override getChild(name: string, request: Request): Resource | Promise<Resource> {
    const { settings } = this.#tree;
    if (this.#path.endsWith("/")) return settings.childNotFound;
    if (name !== "" && !settings.isName(name)) return settings.childNotFound;
    const child = new FileEntry(this.#tree, `${this.#path}/${name}`);
    return settings.mayBeProcessed(name) ? child.#processed(request) : child;
  }

  /** What is not there is not found, whatever the method. */
  override render(request: Request): Rendered {
    if (request.method === "GET" || request.method === "HEAD") return this.render_GET(request);
    return this.#renderOther(request);
  }

  override render_GET(request: Request): Rendered {
    const forms = this.#tree.known(this.#path, request);
    return forms === undefined
      ? this.#renderLater(request)
      : this.#tree.send(this.#path, forms, request);
  }

  async #renderLater(request: Request): Promise<Answer> {
    const place = await this.#tree.find(this.#path, request);
    return this.#tree.answer(this.#path, place, request);
  }

  async #renderOther(request: Request): Promise<Answer> {
    const place = await this.#tree.find(this.#path, request);
    const isThere = place.kind === "file" || place.kind === "folder" || place.kind === "entries";
    return isThere ? super.render(request) : this.#tree.answer(this.#path, place, request);
  }

  /** The resource that a processor makes of the file, where there is one; it gets what is left of the path. */
  async #processed(request: Request): Promise<Resource> {
    const place = await this.#tree.find(this.#path, request);
    return place.kind === "processed" ? place.process(place.path, request) : this;
  }
}
