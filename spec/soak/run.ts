// npm run soak -- --seconds N: mixed load with rude clients against the reference app. Exits 1 where an answer is wrong, or something grows or stays.
import { parseArgs } from "node:util";
import { soak } from "./soak.ts";

/** What memory may grow from the second to the fourth quarter, in MiB (R11). */
const MOST_GROWTH = 16;

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "60" }, seed: { type: "string", default: "1" } },
});
const report = await soak({ seconds: Number(values.seconds), seed: Number(values.seed) });
const [, second = 0, , fourth = 0] = report.quarters;
const findings = [
  ...report.wrong.slice(0, 10),
  ...(fourth - second > MOST_GROWTH ? [`memory grew by ${(fourth - second).toFixed(1)} MiB`] : []),
  ...(report.pending === 0 ? [] : [`${report.pending} requests are pending`]),
  ...(report.descriptorsAfter > report.descriptorsBefore ? ["descriptors stayed open"] : []),
  ...(report.errors === "" ? [] : [report.errors.slice(0, 2_000)]),
];
process.stdout.write(
  `${report.answers} answers to good clients, ${report.wrong.length} wrong; ${report.rudenesses} rude clients
memory by quarters, MiB: ${report.quarters.map((mean) => mean.toFixed(1)).join(" ")}
descriptors: ${report.descriptorsBefore} before, ${report.descriptorsAfter} after
requests held and streamed: ${report.pending} pending, ${report.cancelled} cancelled, ${report.finished} finished
${findings.length === 0 ? "nothing grew, nothing stayed" : findings.join("\n")}
`,
);
process.exitCode = findings.length === 0 ? 0 : 1;
