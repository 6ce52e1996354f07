import { reportError } from "./report.ts";

/** Failures of this turn, with those who failed. Most are handled before it ends, and cost no more than this. */
const fresh: { readonly failure: UnhandledFailure; readonly owner: object }[] = [];

const collected = new FinalizationRegistry<UnhandledFailure>(({ reason }) => {
  reportError(reason, "a Deferred, which nobody handled");
});

/** A failure that has no handler yet. When its owner is collected before it has one, it is reported, once. */
export class UnhandledFailure {
  readonly reason: unknown;
  #handled = false;

  constructor(owner: object, reason: unknown) {
    this.reason = reason;
    if (fresh.push({ failure: this, owner }) === 1) void Promise.resolve().then(watchFresh);
  }

  get isHandled(): boolean {
    return this.#handled;
  }

  /** Somebody looks after it from now on. */
  handled(): void {
    this.#handled = true;
    collected.unregister(this);
  }
}

function watchFresh(): void {
  for (const { failure, owner } of fresh.splice(0)) {
    if (failure.isHandled) continue;
    forgetFrames(failure.reason);
    collected.register(owner, failure, failure);
  }
}

/** Until its stack is read, an error holds the objects in whose methods it arose: here, the owner. That would never be collected. */
function forgetFrames(reason: unknown): void {
  if (reason instanceof Error) String(reason.stack);
}
