import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { turn } from "./explored-clock.ts";

/** Collections after which what is still there is taken for kept. */
const ROUNDS = 3;

/** Those of the references whose target something keeps alive. Collects all garbage, which takes some ms. */
export async function keptAlive<T extends object>(
  references: readonly WeakRef<T>[],
): Promise<readonly WeakRef<T>[]> {
  let kept = references;
  for (let round = 0; round < ROUNDS && kept.length > 0; round += 1) {
    // oxlint-disable-next-line no-await-in-loop -- what was looked at lives until the turn is over
    await turn();
    collectGarbage();
    kept = kept.filter((reference) => reference.deref() !== undefined);
  }
  return kept;
}

/** By the function that Node hides without `--expose-gc`. */
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
}
