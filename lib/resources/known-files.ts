import { type FileForms, isUnchanged } from "./file-lookup.ts";
import type { ServedFile } from "./served-file.ts";

/** What an entry takes beside the bytes of the file, about. */
const ENTRY_BYTES = 2_048;

/** How long what is known of a file is believed without a look. */
export const BELIEVED_MS = 1_000;

interface Known {
  readonly forms: FileForms;
  readonly bytes: number;
  /** When it was last seen to be so, on the clock of the request that looked. */
  seenAt: number;
  /** Whether somebody asked for it since it was last passed over. */
  used: boolean;
}

/** The files that were served lately, within so many bytes. Those that nobody asks for make room first. */
export class KnownFiles {
  readonly #limit: number;
  /** In the order in which they are looked at when room is needed. */
  readonly #files = new Map<string, Known>();
  #bytes = 0;

  /** `limit` is in bytes; 0 keeps nothing. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What was at `path` within the last second. */
  get(path: string, now: number): FileForms | undefined {
    const known = this.#files.get(path);
    if (known === undefined || !(now >= known.seenAt && now - known.seenAt < BELIEVED_MS)) {
      return undefined;
    }
    known.used = true;
    return known.forms;
  }

  /** What is still at `path` after a look at it; what is not is forgotten. */
  async check(path: string, now: number): Promise<FileForms | undefined> {
    const known = this.#files.get(path);
    if (known === undefined) return undefined;
    // Read when it had just changed, it may have changed again without a trace; now it would leave one.
    if (filesOf(known.forms).every(isSettled) && (await isUnchanged(known.forms.stamps))) {
      known.seenAt = now;
      return known.forms;
    }
    if (this.#files.get(path) === known) this.delete(path);
    return undefined;
  }

  put(path: string, forms: FileForms, now: number): void {
    const bytes = sizeOf(forms);
    this.delete(path);
    if (bytes > this.#limit) return;
    this.#makeRoom(bytes);
    this.#files.set(path, { forms, bytes, seenAt: now, used: false });
    this.#bytes += bytes;
  }

  delete(path: string): void {
    const known = this.#files.get(path);
    if (known === undefined) return;
    this.#files.delete(path);
    this.#bytes -= known.bytes;
  }

  #makeRoom(bytes: number): void {
    for (const [path, known] of this.#files) {
      if (this.#bytes + bytes <= this.#limit) return;
      this.#files.delete(path);
      if (known.used) {
        known.used = false;
        this.#files.set(path, known);
      } else this.#bytes -= known.bytes;
    }
  }
}

function filesOf({ plain, packed }: FileForms): readonly ServedFile[] {
  return [plain, ...packed.map(({ file }) => file)];
}

function isSettled({ settled }: ServedFile): boolean {
  return settled;
}

function sizeOf(forms: FileForms): number {
  return filesOf(forms).reduce((sum, { content }) => sum + ENTRY_BYTES + (content?.length ?? 0), 0);
}
