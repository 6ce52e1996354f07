import type { Deferred } from "../../lib/defer/deferred.ts";

/** What a Deferred has come to so far: `pending`, or what its callbacks were given. */
export interface Outcome {
  readonly state: "pending" | "result" | "failure";
  readonly value: unknown;
}

/** Looks on as a Deferred fires, and uses up what it fires with. */
export function outcomeOf(deferred: Deferred<unknown>): Outcome {
  const outcome: { state: Outcome["state"]; value: unknown } = {
    state: "pending",
    value: undefined,
  };
  deferred.addCallbacks(
    (result) => {
      outcome.state = "result";
      outcome.value = result;
    },
    (reason) => {
      outcome.state = "failure";
      outcome.value = reason;
    },
  );
  return outcome;
}
