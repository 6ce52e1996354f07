import type { Clock } from "../defer/clock.ts";
import { openFileLimit } from "./open-files.ts";
import { systemError } from "./system-error.ts";

/** A flood makes one line a second in the log, and not one for each connection. */
const QUIET_MS = 1_000;

/** So few descriptors left count as trouble: libuv does not say when it closes connections for want of one. */
const FEW_DESCRIPTORS = 8;

/** Tells of what goes wrong with accepting, at most once a second. */
export class Troubles {
  readonly #clock: Clock;
  readonly #tell: (trouble: Error) => void;
  readonly #limit: number;
  readonly #onShortage: () => void;
  #quietUntil = Number.NEGATIVE_INFINITY;

  /** `onShortage` is called each time that descriptors are lacking; `limit`: how many files this process may have open. */
  constructor(
    clock: Clock,
    tell: (trouble: Error) => void,
    onShortage: () => void = nothing,
    limit: number = openFileLimit(),
  ) {
    this.#clock = clock;
    this.#tell = tell;
    this.#onShortage = onShortage;
    this.#limit = limit;
  }

  report(trouble: Error): void {
    if (isShortage(trouble)) this.#onShortage();
    const now = this.#clock.now();
    if (now < this.#quietUntil) return;
    this.#quietUntil = now + QUIET_MS;
    this.#tell(trouble);
  }

  /** Looks at the descriptor of a new connection: the system gives the lowest number that is free. */
  watch(descriptor: number | undefined): void {
    if (descriptor === undefined || descriptor < this.#limit - FEW_DESCRIPTORS) return;
    this.report(systemError("EMFILE", `nearly all of ${this.#limit} open files are in use`));
  }
}

function nothing(): void {}

/** Whether it is a lack of descriptors, in this process or in the whole system. */
function isShortage(trouble: Error): boolean {
  return "code" in trouble && (trouble.code === "EMFILE" || trouble.code === "ENFILE");
}
