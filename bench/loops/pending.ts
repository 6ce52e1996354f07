// `pending.ts callLater|setTimeout N`: makes a delayed call and cancels it, over and over, while N others wait.
import { systemClock } from "weftline/defer";
import { repeat } from "./repeat.ts";

const [, , kind, count] = process.argv;

/** An hour, and for each call another millisecond of it: they must not be due here, nor share a list. */
function delay(index: number): number {
  return 3_600_000 + ((index * 7919) % 3_600_000);
}

let made = 0;

function callLater(): unknown {
  made += 1;
  return systemClock.callLater(delay(made), () => undefined);
}

function nodeTimeout(): NodeJS.Timeout {
  made += 1;
  return setTimeout(() => undefined, delay(made));
}

if (kind === "callLater") {
  for (let index = 1; index < Number(count); index += 1) callLater();
  await repeat(() => systemClock.callLater(delay((made += 1)), () => undefined).cancel());
} else {
  for (let index = 1; index < Number(count); index += 1) nodeTimeout();
  await repeat(() => {
    clearTimeout(nodeTimeout());
    return true;
  });
}
process.exit(0);
