// Writes what was measured into docs/reference/: tables between markers of performance.md, plots and numbers beside it.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { growthTable } from "./growth.ts";
import { between } from "./markers.ts";
import { plot } from "./plot.ts";
import type { Growth, Machine, Measured, Results } from "./results.ts";
import { median } from "./statistics.ts";
import { number, runsTable, summaryTable, workloadTable } from "./table.ts";

const REFERENCE = join(import.meta.dirname, "../docs/reference");
const PAGE = join(REFERENCE, "performance.md");
const PLOTS = join(REFERENCE, "plots");

/** Draws the plots of `results` and, where `page` is set, puts its tables into the page. What was not measured stays as it was. */
export function writeDocuments(results: Results, again: readonly Results[], page: boolean): void {
  for (const growth of results.growth) writePlot(growth);
  if (!page) return;
  let text = readFileSync(PAGE, "utf8");
  for (const [name, content] of Object.entries(sections(results, again))) {
    text = between(text, name, content);
  }
  writeFileSync(PAGE, text);
  console.log(`wrote ${relative(".", PAGE)}`);
}

function writePlot(growth: Growth): void {
  mkdirSync(PLOTS, { recursive: true });
  writeFileSync(join(PLOTS, `${growth.name}.svg`), plot(growth));
  writeFileSync(join(PLOTS, `${growth.name}.json`), `${JSON.stringify(growth, undefined, 1)}\n`);
  console.log(`wrote ${relative(".", join(PLOTS, growth.name))}.svg`);
}

function sections(results: Results, again: readonly Results[]): Record<string, string> {
  const { workloads, growth } = results;
  const sectioned: Record<string, string> = {};
  if (workloads.length > 0) {
    sectioned["machine"] = machineText(results.machine, results);
    sectioned["summary"] = summaryTable(workloads);
    sectioned["workloads"] = workloads
      .map((measured) => `### ${measured.name}: ${measured.title}\n\n${workloadTable(measured)}`)
      .join("\n\n");
    const held = workloads.findLast(({ name }) => name.startsWith("held"));
    if (held !== undefined) sectioned["million"] = millionText(held);
  }
  if (again.length > 0) {
    sectioned["runs"] = runsTable([workloads, ...again.map((run) => run.workloads)]);
  }
  if (growth.length > 0) sectioned["growth"] = growth.map(growthText).join("\n\n");
  return sectioned;
}

function machineText(machine: Machine, { seconds, rounds }: Results): string {
  const { cpu, cores, memoryGiB, kernel, node, pinning, generator, day } = machine;
  const load = generator === "wrk" ? "wrk" : "the built-in client";
  return `${cpu}, ${cores} cores, ${memoryGiB} GiB, Linux ${kernel}, Node ${node}; ${pinning}; load by ${load}; ${rounds} rounds of ${seconds} s each; ${day}.`;
}

/** What the first contestant's held requests would take, were they a million. */
function millionText(held: Measured): string {
  const [own = []] = Object.values(held.samples);
  const middle = (key: string): number => median(own.map((sample) => sample[key] ?? NaN));
  const count = middle("held");
  const [bytes, cancelMs] = [middle("bytes"), middle("cancelCpuMs") / count];
  return `With ${number(count, 0)} held, each takes ${number(bytes, 0)} bytes of the process (node's socket included) and ${number(cancelMs * 1000, 1)} µs of CPU to be cancelled when its client leaves. A million would take ${number(bytes / 1000, 1)} GB and, if all leave at once, ${number(cancelMs * 1000, 0)} s of one core.`;
}

function growthText(growth: Growth): string {
  return `### ${growth.title}\n\n![${growth.title}](plots/${growth.name}.svg)\n\n${growthTable(growth)}`;
}
