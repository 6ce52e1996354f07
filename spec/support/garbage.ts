import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Collects all garbage, and lets finalizers run. */
export async function collectGarbage(): Promise<void> {
  for (let turns = 0; turns < 3; turns += 1) {
    await new Promise(setImmediate);
    collect();
  }
  await new Promise(setImmediate);
}
