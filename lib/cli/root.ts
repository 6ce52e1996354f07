import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { AddHeaders } from "../resources/add-headers.ts";
import { File } from "../resources/file.ts";
import type { FileOptions } from "../resources/file-options.ts";
import { ScriptFolder } from "../scripts/script-folder.ts";
import { loadModule } from "../scripts/script-loader.ts";
import { Resource } from "../web/resource.ts";
import { Failure, misuse } from "./failure.ts";
import type { Values } from "./values.ts";

/** Options that say how a folder is served. */
const OF_A_FOLDER = ["scripts", "index", "listing", "ignore-ext", "mime-type"] as const;

/** What the words of the command ask to be served. Rejects with a {@link Failure} where that is not possible. */
export async function rootOf(values: Values): Promise<Resource> {
  const fields = values.all("add-header").map(field);
  const root = await servedBy(values);
  return fields.length === 0 ? root : new AddHeaders(root, fields);
}

async function servedBy(values: Values): Promise<Resource> {
  const [path, module] = [values.one("path"), values.one("class")];
  if (path !== undefined && module !== undefined) throw misuse("web: --path or --class, not both");
  if (path !== undefined) return folder(path, values);
  for (const option of OF_A_FOLDER) {
    if (values.has(option)) throw misuse(`web: --${option} is about a folder: give it with --path`);
  }
  if (module !== undefined) return resourceOf(module);
  throw misuse("web: nothing to serve; give --path DIR or --class MODULE#NAME");
}

function folder(path: string, values: Values): Resource {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new Failure(`web: there is no folder ${path}`);
  }
  const file = new File(path, fileOptions(values));
  return values.has("scripts") ? new ScriptFolder(path, file) : file;
}

function fileOptions(values: Values): FileOptions {
  const index = values.all("index");
  return {
    listing: values.has("listing"),
    ignoredExtensions: values.all("ignore-ext"),
    types: Object.fromEntries(values.all("mime-type").map(mediaType)),
    ...(index.length > 0 ? { indexNames: index } : {}),
  };
}

/** `.wasm=application/wasm`, with or without the dot. */
function mediaType(text: string): [string, string] {
  const [, extension, type] = /^\.?([^=./\s]+)=([^/\s]+\/[^/\s].*)$/.exec(text) ?? [];
  if (extension === undefined || type === undefined) {
    throw misuse(`web: --mime-type is EXT=TYPE, as in wasm=application/wasm, not ${text}`);
  }
  return [extension, type];
}

function field(text: string): [string, string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw misuse(
      `web: --add-header is "NAME: VALUE", as in "X-Frame-Options: DENY", not ${JSON.stringify(text)}`,
    );
  }
  return [name, value];
}

async function resourceOf(text: string): Promise<Resource> {
  const hash = text.lastIndexOf("#");
  const [module, name] =
    hash === -1 ? [text, "default"] : [text.slice(0, hash), text.slice(hash + 1)];
  const { exports } = await loadModule(located(module));
  const found = exports[name];
  if (found instanceof Resource) return found;
  if (typeof found === "function" && found.prototype instanceof Resource) {
    const made: unknown = Reflect.construct(found, []);
    if (made instanceof Resource) return made;
  }
  throw new Failure(
    `web: ${module} exports no resource by the name of ${name}, neither an object nor a class`,
  );
}

/** A file, or the name of a package, as seen from the working folder. */
function located(module: string): string {
  const path = resolve(module);
  if (existsSync(path)) return path;
  try {
    return createRequire(join(process.cwd(), "main.js")).resolve(module);
  } catch (error) {
    throw new Failure(`web: there is no module ${module}`, 1, { cause: error });
  }
}
