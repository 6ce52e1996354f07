// npm run fuzz -- --seconds N --seed S [--cases N]: compares what Weftline and node:http read. Exits 1 where there is a difference nobody has looked at.
import { parseArgs } from "node:util";
import { fuzz } from "./fuzzer.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    seed: { type: "string", default: String(Date.now() % 1_000_000_007) },
    cases: { type: "string", default: "Infinity" },
  },
});

const seed = Number(values.seed);
const began = performance.now();
const deadline = began + Number(values.seconds) * 1_000;
const report = await fuzz({
  seed,
  cases: Number(values.cases),
  isOver: () => performance.now() >= deadline,
});

const seconds = (performance.now() - began) / 1_000;
const { cases, accepted, refused, settled, failures } = report;
const differ = cases - accepted - refused;
process.stdout.write(
  `${cases} cases from seed ${seed} in ${seconds.toFixed(1)} s: ${accepted} accepted alike, ${refused} refused alike, ${differ} read differently\n`,
);
for (const [{ title, right, section }, count] of settled) {
  process.stdout.write(`${String(count).padStart(8)}  ${title} (${right} right, ${section})\n`);
}
for (const { seed: which, why, text, ours, theirs } of failures) {
  process.stdout.write(
    `\nFAILURE, seed ${which}: ${why}\n${JSON.stringify(text)}\nWeftline  ${JSON.stringify(ours)}\nnode:http ${JSON.stringify(theirs)}\n`,
  );
}
process.exitCode = failures.length > 0 ? 1 : 0;
