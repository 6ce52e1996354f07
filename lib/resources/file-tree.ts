import { preferredCoding } from "../fields/accept.ts";
import { queryOf } from "../fields/path.ts";
import type { Body, NotDoneYet, Rendered } from "../web/body.ts";
import { isLocal } from "../web/redirect.ts";
import type { Request } from "../web/request.ts";
import type { Resource } from "../web/resource.ts";
import { type FileForms, lookUp, type Place } from "./file-lookup.ts";
import type { FileSettings } from "./file-options.ts";
import {
  answerFromDisk,
  answerFromMemory,
  answerHead,
  answerUnchanged,
  type Wanted,
  wantedOf,
} from "./file-response.ts";
import { KnownFiles } from "./known-files.ts";
import { renderListing } from "./listing.ts";
import { closeFile, meaningOf, openFile } from "./open-file.ts";
import { ServedFile, stampOf } from "./served-file.ts";

/** What a promise of an answer gives. */
export type Answer = Body | NotDoneYet;

/**
 * What a `File` and all that is below it have in common: the settings, and what is known of the files.
 *
 * The life of a file: its path is looked up (`file-lookup`), which opens it by the one safe way (`open-file`); what was found is kept for a
 * second and then looked at again (`known-files`); what a request gets of it is decided in `file-response`, and sent from memory, or
 * from the disk by `file-transfer`.
 */
export class FileTree {
  readonly settings: FileSettings;
  readonly #known: KnownFiles;
  readonly #lookups = new Map<string, Promise<Place>>();

  constructor(settings: FileSettings) {
    this.settings = settings;
    this.#known = new KnownFiles(settings.cacheBytes);
  }

  /** The file at `path`, where it was looked at within the last second. */
  known(path: string, request: Request): FileForms | undefined {
    return this.#known.get(path, request.clock.now());
  }

  /** What is at `path`. Those who ask at the same time share one look. */
  async find(path: string, request: Request): Promise<Place> {
    let lookup = this.#lookups.get(path);
    if (lookup === undefined) {
      lookup = this.#find(path, request.clock.now()).finally(() => this.#lookups.delete(path));
      this.#lookups.set(path, lookup);
    }
    return lookup;
  }

  async #find(path: string, now: number): Promise<Place> {
    const forms = await this.#known.check(path, now);
    if (forms !== undefined) return { kind: "file", forms };
    const place = await lookUp(path, this.settings);
    if (place.kind === "file") this.#known.put(path, place.forms, now);
    return place;
  }

  /** Answers a GET or HEAD of `path`, with what was found there. */
  async answer(path: string, place: Place, request: Request): Promise<Answer> {
    switch (place.kind) {
      case "file":
        return this.send(path, place.forms, request);
      case "processed":
        return (await place.process(place.path, request)).render(request);
      case "folder":
        return this.#addSlash(request);
      case "entries":
        return this.#list(place.path, path === "/", request);
      case "nothing":
      case "forbidden":
        return this.refusal(place).render(request);
      /* c8 ignore next 2 -- every kind is above */
      default:
        return place satisfies never;
    }
  }

  /** Sends a file: within this call where it is kept in memory. */
  send(path: string, forms: FileForms, request: Request): Rendered {
    const file = formFor(forms, request);
    const wanted = wantedOf(file, request);
    if (wanted === "nothing new") return answerUnchanged(file, request);
    if (file.content !== undefined) return answerFromMemory(file, file.content, wanted, request);
    if (request.method === "HEAD") return answerHead(file, request);
    return this.#sendFromDisk(path, file, wanted, request);
  }

  /** The resource that answers where there is no file. */
  refusal({ kind }: { readonly kind: "nothing" | "forbidden" | "folder" }): Resource {
    return kind === "forbidden" ? this.settings.forbidden : this.settings.childNotFound;
  }

  async #sendFromDisk(
    path: string,
    known: ServedFile,
    wanted: Exclude<Wanted, "nothing new">,
    request: Request,
  ): Promise<Answer> {
    const found = await openFile(known.facts.path, this.settings);
    if (found.kind !== "file") {
      this.#known.delete(path);
      return this.refusal(found).render(request);
    }
    const { descriptor, stat } = found;
    if (stampOf(stat) === known.stamp) return answerFromDisk(known, descriptor, wanted, request);
    this.#known.delete(path);
    return answerChanged(new ServedFile({ ...known.facts, stat }), descriptor, request);
  }

  async #list(path: string, isTop: boolean, request: Request): Promise<Answer> {
    if (!this.settings.listing) return this.settings.forbidden.render(request);
    try {
      return await renderListing(path, isTop, this.settings, request);
    } catch (error) {
      return this.refusal(meaningOf(error)).render(request);
    }
  }

  /** A folder that is asked for without its slash: relative links in it would lead elsewhere. */
  #addSlash(request: Request): Rendered {
    const query = queryOf(request.uri);
    const url = `${request.path}/${query === "" ? "" : `?${query}`}`;
    return isLocal(url) ? request.redirect(url, 302) : this.settings.childNotFound.render(request);
  }
}

/** The form that the client likes best. */
function formFor({ plain, packed }: FileForms, request: Request): ServedFile {
  if (packed.length === 0) return plain;
  const codings = packed.map(({ coding }) => coding);
  const coding = preferredCoding(request.headers.get("accept-encoding"), codings);
  return packed.find((form) => form.coding === coding)?.file ?? plain;
}

/** Answers with an open file that is another one than was known. */
function answerChanged(file: ServedFile, descriptor: number, request: Request): Rendered {
  let wanted: Wanted;
  try {
    wanted = wantedOf(file, request);
  } catch (error) {
    closeFile(descriptor);
    throw error;
  }
  if (wanted !== "nothing new") return answerFromDisk(file, descriptor, wanted, request);
  closeFile(descriptor);
  return answerUnchanged(file, request);
}
