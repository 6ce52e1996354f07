import type { Clock } from "../defer/clock.ts";

/** A flood makes one line a second in the log, and not one for each connection. */
const QUIET_MS = 1_000;

/** Tells of what goes wrong with accepting, at most once a second. */
export class Troubles {
  readonly #clock: Clock;
  readonly #tell: (trouble: Error) => void;
  #quietUntil = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, tell: (trouble: Error) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  report(trouble: Error): void {
    const now = this.#clock.now();
    if (now < this.#quietUntil) return;
    this.#quietUntil = now + QUIET_MS;
    this.#tell(trouble);
  }
}
