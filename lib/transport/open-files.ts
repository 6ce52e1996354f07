import { closeSync, openSync, readFileSync } from "node:fs";

const OPEN_FILES = /^Max open files\s+(\d+)/m;

let limit: number | undefined;

/** How many files and sockets this process may have open at once. Infinity where the system does not tell. Asked for once. */
export function openFileLimit(): number {
  limit ??= openFilesIn(limitsOfProcess());
  return limit;
}

/** The limit in the text of Linux's `/proc/self/limits`. */
export function openFilesIn(limits: string): number {
  const [, figure] = OPEN_FILES.exec(limits) ?? [];
  return figure === undefined ? Number.POSITIVE_INFINITY : Number(figure);
}

function limitsOfProcess(): string {
  try {
    return readFileSync("/proc/self/limits", "latin1");
    /* c8 ignore next 3 -- only Linux has it, and only there do we need it */
  } catch {
    return "";
  }
}

/**
 * One open file held in reserve, to be given up where a descriptor is needed and there is none left.
 *
 * libuv has one of its own for connections that cannot be accepted. Once it has lost that one to another thread, it would call
 * back with the same error for ever, without a turn of the event loop between.
 */
export class SpareDescriptor {
  #fd: number | undefined = undefined;
  #isLent = false;

  constructor() {
    this.takeBack();
  }

  /** It was given up: whoever took its place must go, and then it is to be taken back. */
  get isLent(): boolean {
    return this.#isLent;
  }

  giveUp(): void {
    if (this.#fd === undefined) return;
    closeSync(this.#fd);
    this.#fd = undefined;
    this.#isLent = true;
  }

  takeBack(): void {
    try {
      this.#fd ??= openSync("/dev/null", "r");
      this.#isLent = false;
      /* c8 ignore next 3 -- takes a process that has no descriptor left */
    } catch {
      // None is left. It stays lent, and the next connection asks again.
    }
  }

  /** For good. */
  close(): void {
    this.giveUp();
    this.#isLent = false;
  }
}
