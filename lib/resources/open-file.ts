// The one door to the file system. Whatever is sent was opened here: a regular file whose real path lies where it may.
import { close, constants, fstat, lstat, open, readlinkSync, realpath, type Stats } from "node:fs";
import { sep } from "node:path";
import { promisify } from "node:util";
import { HttpError } from "../web/http-error.ts";
import { isEntryName, isScriptSource } from "./entry-name.ts";

const realpathOf = promisify(realpath.native);
const lstatOf = promisify(lstat);
const fstatOf = promisify(fstat);
const openAt = promisify(open);

/** A regular file, open for reading. Whoever gets one closes it. */
export interface OpenFile {
  readonly kind: "file";
  /** With all links resolved. */
  readonly path: string;
  readonly descriptor: number;
  readonly stat: Stats;
}

/** What was found at a path. */
export type Found =
  | OpenFile
  /** A folder that may be looked into. */
  | { readonly kind: "folder"; readonly path: string }
  /** Nothing, or nothing that may be known of. */
  | { readonly kind: "nothing" }
  /** The system does not let us read it. */
  | { readonly kind: "forbidden" };

const NOTHING: { readonly kind: "nothing" } = Object.freeze({ kind: "nothing" });
const FORBIDDEN: { readonly kind: "forbidden" } = Object.freeze({ kind: "forbidden" });

/* c8 ignore next 5 -- one system has it, the other has not */
/** Links are resolved before, so that one here was put there meanwhile; and a FIFO that was must not make us wait. Windows has neither flag. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** How often a file may be replaced between two looks at it before we give up. */
const ATTEMPTS = 3;

/** Where files may come from. */
export interface Bounds {
  readonly root: string;
  /** Whether a link may lead out of the root, and to hidden names. */
  readonly followSymlinks: boolean;
}

/**
 * Opens what is at `path`, which is the root or is made of it and checked names.
 *
 * With links resolved it must lie in the root, by visible names (unless links are followed anywhere), and it is never the source of a script. The
 * check is made on the file that was opened, not on its name, so that a link which is swapped in meanwhile gains nothing. FIFOs,
 * devices and sockets are not opened at all. Throws an {@link HttpError} 503 when there are no descriptors left, else what the system says.
 */
export async function openFile(path: string, bounds: Bounds): Promise<Found> {
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      // oxlint-disable-next-line no-await-in-loop -- another attempt only after one that failed
      const found = await tryToOpen(path, bounds);
      if (found !== undefined) return found;
      /* c8 ignore next 3 -- takes a file that is swapped between two calls of ours, time and again */
    }
    return NOTHING;
  } catch (error) {
    return meaningOf(error);
  }
}

/** Undefined where something was swapped in between. */
async function tryToOpen(path: string, bounds: Bounds): Promise<Found | undefined> {
  const [root, real] = await Promise.all([realpathOf(bounds.root), realpathOf(path)]);
  if (!isAllowed(real, root, bounds.followSymlinks)) return NOTHING;
  const before = await lstatOf(real);
  if (before.isDirectory()) return { kind: "folder", path: real };
  if (!before.isFile()) return NOTHING;
  const descriptor = await openAt(real, FLAGS);
  let mine = false;
  try {
    const stat = await fstatOf(descriptor);
    mine = stat.isFile() && (await isStill(real, descriptor, stat));
    if (mine) return { kind: "file", path: real, descriptor, stat };
    /* c8 ignore next 3 -- takes a file that is swapped between two calls of ours */
    return undefined;
  } finally {
    if (!mine) closeFile(descriptor);
  }
}

/** What is at `path`, where {@link openFile} would find a file or a folder and we may read it. */
export async function lookAt(path: string, bounds: Bounds): Promise<Stats | undefined> {
  try {
    const [root, real] = await Promise.all([realpathOf(bounds.root), realpathOf(path)]);
    if (!isAllowed(real, root, bounds.followSymlinks)) return undefined;
    const found = await lstatOf(real);
    if (!found.isFile() && !found.isDirectory()) return undefined;
    // `access` would ask for the user who started the process, not for the one it runs as.
    closeFile(await openAt(real, FLAGS));
    return found;
  } catch {
    return undefined;
  }
}

/** Whether a real path is one that may be sent. */
function isAllowed(real: string, root: string, followSymlinks: boolean): boolean {
  if (isScriptSource(real.slice(real.lastIndexOf(sep) + 1))) return false;
  if (followSymlinks || real === root) return true;
  const folder = root.endsWith(sep) ? root : root + sep;
  return real.startsWith(folder) && real.slice(folder.length).split(sep).every(isEntryName);
}

/** Whether the open file is the one at this real path, so that no folder above it was swapped for a link. */
async function isStill(real: string, descriptor: number, stat: Stats): Promise<boolean> {
  const named = pathOf(descriptor);
  /* c8 ignore next -- either, by the system */
  return named === undefined ? isNamed(real, stat) : named === real;
}

/** As {@link isStill}, where the system does not tell the path of an open file: whether the file that has that name now is the same one. */
export async function isNamed(real: string, stat: Stats): Promise<boolean> {
  const [again, now] = await Promise.all([realpathOf(real), lstatOf(real)]);
  return again === real && now.dev === stat.dev && now.ino === stat.ino;
}

/** The path of an open file, where the system tells: Linux does. It never waits for a disk. */
function pathOf(descriptor: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
    /* c8 ignore next 3 -- other systems do not */
  } catch {
    return undefined;
  }
}

/** Gives a descriptor back; that this fails means nothing to anybody. */
export function closeFile(descriptor: number): void {
  close(descriptor, () => undefined);
}

/**
 * What an error of the file system means for who asked for the file: that there is none, or that it is forbidden.
 *
 * Throws an {@link HttpError} 503 where there are no descriptors left, and any other error as it is.
 */
export function meaningOf(error: unknown): typeof NOTHING | typeof FORBIDDEN {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
    case "ENAMETOOLONG":
    case "ELOOP":
    case "ENXIO":
      return NOTHING;
    case "EACCES":
    case "EPERM":
      return FORBIDDEN;
    case "EMFILE":
    case "ENFILE":
      throw new HttpError(503, "", { headers: { "Retry-After": "1" }, cause: error });
    default:
      throw error;
  }
}
