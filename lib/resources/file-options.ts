import { DEFAULT_MEDIA_TYPE, mediaTypeOf } from "../fields/media-type.ts";
import type { Request } from "../web/request.ts";
import type { Resource } from "../web/resource.ts";
import { isEntryName, isScriptSource } from "./entry-name.ts";
import { forbidden, notFound } from "./error-pages.ts";
import type { Bounds } from "./open-file.ts";

/** Makes the resource for a file, which gets what is left of the path. `path` has its links resolved. */
export type FileProcessor = (path: string, request: Request) => Resource | Promise<Resource>;

/** What a `File` is made with. Extensions are given with or without their dot and match in any case. */
export interface FileOptions {
  /** What answers for a folder: the first of these names that there is. `index.html`, `index.htm`. */
  readonly indexNames?: readonly string[];
  /** Whether a folder without an index shows what is in it. False: it is forbidden. */
  readonly listing?: boolean;
  /** The Content-Type of an extension, before the table that is built in: `{ ".wasm": "application/wasm" }`. Sent as it is. */
  readonly types?: Readonly<Record<string, string>>;
  /** The Content-Type of what neither knows. `application/octet-stream`. */
  readonly defaultType?: string;
  /** Extensions that may be left out of a URL, in the order in which they are tried: with `[".html"]`, `/about` is `about.html`. `*` is any. */
  readonly ignoredExtensions?: readonly string[];
  /** Makes resources of the files with an extension: `{ ".md": (path) => new Markdown(path) }`. */
  readonly processors?: Readonly<Record<string, FileProcessor>>;
  /** Names that end so are not there: `[".bak", "~"]`. Names that begin with a dot never are, but for `.well-known`. */
  readonly hide?: readonly string[];
  /** Answers where there is nothing. {@link notFound}. */
  readonly childNotFound?: Resource;
  /** Answers for what the system does not let us read, and for folders that show nothing. {@link forbidden}. */
  readonly forbidden?: Resource;
  /** Whether links may lead out of the folder, and to hidden names. Links that stay in it are followed in any case. False. */
  readonly followSymlinks?: boolean;
  /** Whether `NAME.br` and `NAME.gz` are sent in the place of `NAME` to clients that take them, unless they are older. True. */
  readonly precompressed?: boolean;
  /** The Cache-Control field of files, such as `max-age=3600`. None. */
  readonly cacheControl?: string;
  /** How many bytes of small files (up to 256 KiB each) are kept in memory. 32 MiB; 0 keeps none. */
  readonly cacheBytes?: number;
}

const DEFAULTS: Required<Omit<FileOptions, "childNotFound" | "forbidden">> = {
  indexNames: ["index.html", "index.htm"],
  listing: false,
  types: {},
  defaultType: DEFAULT_MEDIA_TYPE,
  ignoredExtensions: [],
  processors: {},
  hide: [],
  followSymlinks: false,
  precompressed: true,
  cacheControl: "",
  cacheBytes: 32 * 1_024 * 1_024,
};

/** Extensions as they are looked up: in lower case, without a dot. */
type ByExtension<T> = ReadonlyMap<string, T>;

/** The options of a `File`, resolved. */
export class FileSettings implements Bounds {
  readonly root: string;
  readonly indexNames: readonly string[];
  readonly listing: boolean;
  /** In lower case, each with its dot; or `*`. */
  readonly ignoredExtensions: readonly string[];
  readonly processors: ByExtension<FileProcessor>;
  readonly childNotFound: Resource;
  readonly forbidden: Resource;
  readonly followSymlinks: boolean;
  readonly precompressed: boolean;
  readonly cacheControl: string;
  readonly cacheBytes: number;
  readonly #types: ByExtension<string>;
  readonly #defaultType: string;
  readonly #hide: readonly string[];

  constructor(root: string, options: FileOptions) {
    this.root = root;
    const resolved = { ...DEFAULTS, ...options };
    this.indexNames = resolved.indexNames;
    this.listing = resolved.listing;
    this.ignoredExtensions = resolved.ignoredExtensions.map(dotted);
    this.processors = byExtension(resolved.processors);
    this.childNotFound = options.childNotFound ?? notFound();
    this.forbidden = options.forbidden ?? forbidden();
    this.followSymlinks = resolved.followSymlinks;
    this.precompressed = resolved.precompressed;
    this.cacheControl = resolved.cacheControl;
    this.cacheBytes = resolved.cacheBytes;
    this.#types = byExtension(resolved.types);
    this.#defaultType = resolved.defaultType;
    this.#hide = resolved.hide;
  }

  /** Whether a decoded segment may be looked for. */
  isName(segment: string): boolean {
    return (
      isEntryName(segment) &&
      !isScriptSource(segment) &&
      !this.#hide.some((end) => segment.endsWith(end))
    );
  }

  typeOf(name: string): string {
    const type = mediaTypeOf(name, this.#types);
    return type === DEFAULT_MEDIA_TYPE ? this.#defaultType : type;
  }

  processorOf(name: string): FileProcessor | undefined {
    return this.processors.size === 0 ? undefined : this.processors.get(extensionOf(name));
  }

  /** Whether a segment might lead to a file with a processor, itself or with an extension that was left out. */
  mayBeProcessed(name: string): boolean {
    if (this.processors.size === 0) return false;
    return (
      this.processors.has(extensionOf(name)) ||
      this.ignoredExtensions.some((dot) => dot === "*" || this.processors.has(dot.slice(1)))
    );
  }
}

function byExtension<T>(record: Readonly<Record<string, T>>): ByExtension<T> {
  return new Map(Object.entries(record).map(([name, value]) => [dotted(name).slice(1), value]));
}

function dotted(extension: string): string {
  const lower = extension.toLowerCase();
  return lower.startsWith(".") || lower === "*" ? lower : `.${lower}`;
}

function extensionOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot === -1 ? "" : name.slice(dot + 1).toLowerCase();
}
