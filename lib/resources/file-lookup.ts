// What a path below the root leads to: which file, which of its forms, and what has to stay as it is for that to stay true.
import { fstat, read, readdir, stat } from "node:fs";
import { basename, dirname } from "node:path";
import { promisify } from "node:util";
import type { ContentCoding } from "../fields/accept.ts";
import type { FileProcessor, FileSettings } from "./file-options.ts";
import { closeFile, type OpenFile, openFile } from "./open-file.ts";
import { ServedFile, stampOf } from "./served-file.ts";

const statOf = promisify(stat);
const fstatOf = promisify(fstat);
const readAt = promisify(read);
const namesIn = promisify(readdir);

/** Files up to this size are kept in memory; a larger one would crowd out too many others. */
export const SMALL_BYTES = 262_144;

/** What stands for a file that is not there. Its coming is a change too. */
const ABSENT = "absent";
const FOLDER = "folder";
/** What a path never is: it has to be looked up anew. */
const UNKNOWN = "";

/** What a path leads to. */
export type Place =
  | { readonly kind: "file"; readonly forms: FileForms }
  /** A file that has a processor. */
  | { readonly kind: "processed"; readonly path: string; readonly process: FileProcessor }
  /** A folder that was asked for without a slash behind it. */
  | { readonly kind: "folder" }
  /** A folder without an index. */
  | { readonly kind: "entries"; readonly path: string }
  | { readonly kind: "nothing" }
  | { readonly kind: "forbidden" };

/** A file as it is, and where it lies beside it packed otherwise, best first. */
export interface FileForms {
  readonly plain: ServedFile;
  readonly packed: readonly { readonly coding: ContentCoding; readonly file: ServedFile }[];
  /** What was looked at on the way, and what it was. */
  readonly stamps: ReadonlyMap<string, string>;
}

const CODINGS: readonly (readonly [ContentCoding, string])[] = [
  ["br", ".br"],
  ["gzip", ".gz"],
];

/** Looks up `path`: it begins with a slash, its segments are checked, and one that ends with a slash is that of a folder. */
export function lookUp(path: string, settings: FileSettings): Promise<Place> {
  return new Lookup(settings).find(path);
}

/** Whether all of what was looked at is as it was. */
export async function isUnchanged(stamps: ReadonlyMap<string, string>): Promise<boolean> {
  const same = [...stamps].map(async ([path, stamp]) => (await stampNow(path)) === stamp);
  return (await Promise.all(same)).every(Boolean);
}

async function stampNow(path: string): Promise<string> {
  try {
    const found = await statOf(path);
    return found.isDirectory() ? FOLDER : stampOf(found);
  } catch {
    return ABSENT;
  }
}

class Lookup {
  readonly #settings: FileSettings;
  readonly #stamps = new Map<string, string>();

  constructor(settings: FileSettings) {
    this.#settings = settings;
  }

  async find(path: string): Promise<Place> {
    const full = this.#settings.root + path;
    if (path.endsWith("/")) return this.#index(full);
    const place = await this.#file(full);
    return place.kind === "nothing" && path !== "" ? this.#ignoring(full) : place;
  }

  async #index(full: string): Promise<Place> {
    const folder = await this.#open(full.slice(0, -1));
    if (folder.kind === "file") return this.#nothing(folder);
    if (folder.kind !== "folder") return folder;
    for (const name of this.#settings.indexNames) {
      // oxlint-disable-next-line no-await-in-loop -- in order, and most often the first is there
      const place = await this.#file(full + name);
      if (place.kind !== "nothing" && place.kind !== "folder") return place;
    }
    return { kind: "entries", path: folder.path };
  }

  /** The path with one of the extensions that may be left out. */
  async #ignoring(full: string): Promise<Place> {
    for (const extension of this.#settings.ignoredExtensions) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      const paths = extension === "*" ? await this.#siblings(full) : [full + extension];
      for (const path of paths) {
        // oxlint-disable-next-line no-await-in-loop -- in order
        const place = await this.#file(path);
        if (place.kind !== "nothing" && place.kind !== "folder") return place;
      }
    }
    return { kind: "nothing" };
  }

  /** The paths in the same folder that go on with an extension, in order. */
  async #siblings(full: string): Promise<string[]> {
    const folder = dirname(full);
    this.#stamps.set(folder, UNKNOWN);
    const begin = `${basename(full)}.`;
    const names = await namesIn(folder).catch(() => []);
    return names
      .filter((name) => name.startsWith(begin) && this.#settings.isName(name))
      .toSorted()
      .map((name) => `${folder}/${name}`);
  }

  async #file(full: string): Promise<Place> {
    const found = await this.#open(full);
    if (found.kind === "folder") return { kind: "folder" };
    if (found.kind !== "file") return found;
    const process = this.#settings.processorOf(basename(full));
    if (process !== undefined) {
      closeFile(found.descriptor);
      return { kind: "processed", path: found.path, process };
    }
    return { kind: "file", forms: await this.#forms(full, found) };
  }

  async #forms(full: string, found: OpenFile): Promise<FileForms> {
    const content = await readSmall(found);
    const siblings = this.#settings.precompressed ? CODINGS : [];
    const packed: { coding: ContentCoding; file: ServedFile }[] = [];
    const { cacheControl } = this.#settings;
    const common = { type: this.#settings.typeOf(basename(full)), cacheControl };
    for (const [coding, extension] of siblings) {
      const path = full + extension;
      // oxlint-disable-next-line no-await-in-loop -- one descriptor at a time
      const sibling = await this.#open(path);
      if (sibling.kind !== "file") continue;
      // oxlint-disable-next-line no-await-in-loop -- one descriptor at a time
      const bytes = await readSmall(sibling);
      // Older: packed from something else.
      if (sibling.stat.mtimeMs < found.stat.mtimeMs) continue;
      const facts = { ...common, path, stat: sibling.stat, coding, varies: true, content: bytes };
      packed.push({ coding, file: new ServedFile(facts) });
    }
    const varies = packed.length > 0;
    const facts = { ...common, path: full, stat: found.stat, varies, content };
    const plain = new ServedFile({ ...facts, coding: "identity" });
    return { plain, packed, stamps: this.#stamps };
  }

  async #open(path: string): ReturnType<typeof openFile> {
    const found = await openFile(path, this.#settings);
    if (found.kind === "file") this.#stamps.set(path, stampOf(found.stat));
    else this.#stamps.set(path, found.kind === "folder" ? FOLDER : ABSENT);
    return found;
  }

  #nothing({ descriptor }: OpenFile): Place {
    closeFile(descriptor);
    return { kind: "nothing" };
  }
}

/** All bytes of a small file that does not change while it is read; the descriptor is closed. */
async function readSmall({ descriptor, stat: before }: OpenFile): Promise<Uint8Array | undefined> {
  try {
    if (before.size > SMALL_BYTES) return undefined;
    const content = Buffer.allocUnsafeSlow(before.size);
    for (let at = 0; at < content.length; ) {
      // oxlint-disable-next-line no-await-in-loop -- one part after the other
      const { bytesRead } = await readAt(descriptor, content, at, content.length - at, at);
      /* c8 ignore next -- takes a file that shrinks between two calls of ours */
      if (bytesRead === 0) return undefined;
      at += bytesRead;
    }
    const isSame = stampOf(await fstatOf(descriptor)) === stampOf(before);
    /* c8 ignore next -- takes a file that changes between two calls of ours */
    return isSame ? content : undefined;
  } finally {
    closeFile(descriptor);
  }
}
