import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { File } from "../resources/file.ts";
import type { Request } from "../web/request.ts";
import { HttpServlet } from "./http-servlet.ts";

/**
 * Sends one file, as a `File` does: HEAD, conditional requests and ranges too, no faster than the client takes it. netsvc's `FileServlet`.
 *
 * What is not there is 404, a folder 403, another method 405. A file that shrinks meanwhile resets the connection.
 */
export class FileServlet extends HttpServlet {
  readonly #path: string;
  readonly #file: File;

  /** `path` is the servlet's to check: what a client may ask for belongs in a `FileServer`. Without a `type` that of its extension is sent. */
  constructor(request: Request, path: string, type?: string) {
    super(request);
    this.#path = path;
    const types = type === undefined ? {} : { types: { [extname(path)]: type }, defaultType: type };
    this.#file = new File(path, { ...types, indexNames: [], cacheBytes: 0 });
  }

  override async processRequest(): Promise<void> {
    if (await isFolder(this.#path)) return this.sendError(403);
    // It is all of what was asked for, whatever the path says.
    this.request.redirectPath([]);
    return this.delegate(this.#file);
  }
}

/** What cannot be looked at is answered by `File`. */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
