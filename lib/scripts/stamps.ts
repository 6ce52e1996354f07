import { statSync } from "node:fs";

/** A file that is not there. Its coming is a change too. */
const ABSENT = "absent";

/** Which state of a file this is. A file put in its place by renaming differs even where time and size are the same. */
function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? ABSENT : `${found.mtimeMs} ${found.size} ${found.dev}:${found.ino}`;
}

/** The files that something was made from, each as it was before it was read. */
export class Stamps {
  readonly #stamps = new Map<string, string>();

  /** Call before the file is read, so that a change in between is not lost. The first call for a file counts. */
  note(path: string): void {
    if (!this.#stamps.has(path)) this.#stamps.set(path, stampOf(path));
  }

  /** Whether all files are as they were. Looks at each: a few microseconds a file. */
  get current(): boolean {
    for (const [path, stamp] of this.#stamps) if (stampOf(path) !== stamp) return false;
    return true;
  }
}
