import type { Clock, DelayedCall } from "../defer/clock.ts";

/** Delayed calls by name: one of each. */
export class NamedCalls {
  readonly #kind: string;
  readonly #clock: Clock;
  readonly #run: (call: () => void) => void;
  readonly #calls = new Map<string, DelayedCall>();
  #count = 0;

  /** `run` makes the calls. */
  constructor(kind: string, clock: Clock, run: (call: () => void) => void) {
    this.#kind = kind;
    this.#clock = clock;
    this.#run = run;
  }

  /** Replaces the one of this name; returns the name, made up where there is none. */
  start(callback: (name: string) => void, delayMs: number, given?: string): string {
    const name = given ?? this.#newName();
    const call = this.#clock.callLater(delayMs, () => {
      this.#calls.delete(name);
      this.#run(() => callback(name));
    });
    this.#calls.get(name)?.cancel();
    this.#calls.set(name, call);
    return name;
  }

  has(name: string): boolean {
    return this.#calls.has(name);
  }

  cancel(name: string): boolean {
    const call = this.#calls.get(name);
    this.#calls.delete(name);
    return call?.cancel() ?? false;
  }

  cancelAll(): void {
    for (const call of this.#calls.values()) call.cancel();
    this.#calls.clear();
  }

  #newName(): string {
    do this.#count += 1;
    while (this.#calls.has(`${this.#kind}-${this.#count}`));
    return `${this.#kind}-${this.#count}`;
  }
}
