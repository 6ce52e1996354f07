// Tables of medians and ratios, as Markdown that is aligned enough to be read in a terminal.
import type { Metric, Sample } from "./measure/workload.ts";
import type { Measured } from "./results.ts";
import { median, spread } from "./statistics.ts";

/** The rows as a Markdown table: the first column to the left, the others to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => pad(row[column] ?? "", width, column)).join(" | ")} |`;
  const rule = widths.map((width, column) => "-".repeat(width - (column > 0 ? 1 : 0)));
  const under = `| ${rule.map((dashes, column) => (column > 0 ? `${dashes}:` : dashes)).join(" | ")} |`;
  return [line(head), under, ...rows.map(line)].join("\n");
}

function pad(text: string, width: number, column: number): string {
  return column === 0 ? text.padEnd(width) : text.padStart(width);
}

/** How many times better the first of the contestants is: above 1 it is ahead. */
export function ratio(metric: Metric, first: readonly Sample[], other: readonly Sample[]): number {
  const [mine, theirs] = [middle(metric, first), middle(metric, other)];
  return metric.better === "less" ? theirs / mine : mine / theirs;
}

function middle(metric: Metric, samples: readonly Sample[]): number {
  return median(samples.map((sample) => sample[metric.key] ?? NaN));
}

export function number(value: number, digits: number): string {
  if (Number.isNaN(value)) return "";
  return value.toLocaleString("en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** The medians of a workload, a row for each contestant, with the first one's advantage in brackets. */
export function workloadTable(measured: Measured): string {
  const { metrics, samples } = measured;
  const [[, first] = ["", []]] = Object.entries(samples);
  const rows = Object.entries(samples).map(([name, own]) => [
    name,
    ...metrics.map((metric) => cell(metric, first, own)),
    percent(metrics[0], own),
  ]);
  return table(["", ...metrics.map(({ title }) => title), "±"], rows);
}

function cell(metric: Metric, first: readonly Sample[], own: readonly Sample[]): string {
  const value = number(middle(metric, own), metric.digits);
  return own === first ? value : `${value} (${number(ratio(metric, first, own), 2)})`;
}

/** How far the rounds lie apart in the first metric. */
function percent(metric: Metric | undefined, samples: readonly Sample[]): string {
  if (metric === undefined || samples.length < 2) return "";
  return `${number(spread(samples.map((sample) => sample[metric.key] ?? NaN)) * 100, 0)} %`;
}

/** The first contestant's advantage over each other one in the first two metrics of each workload. */
export function summaryTable(workloads: readonly Measured[]): string {
  const names = new Set(workloads.flatMap(({ samples }) => Object.keys(samples).slice(1)));
  const rows = workloads.map((measured) => [
    `${measured.name}: ${measured.metrics
      .slice(0, 2)
      .map(({ title }) => title)
      .join(" · ")}`,
    ...[...names].map((name) => ratios(measured, name)),
  ]);
  return table(["times better than", ...names], rows);
}

function ratios(measured: Measured, name: string): string {
  const two = name in measured.samples ? measured.metrics.slice(0, 2) : [];
  return two.map((metric) => advantage(measured, metric, name)).join(" · ");
}

function advantage({ samples }: Measured, metric: Metric, name: string): string {
  const [first = []] = Object.values(samples);
  return number(ratio(metric, first, samples[name] ?? []), 2);
}

/** The same of several runs, one after the other, of what all of them have measured. */
export function runsTable(runs: readonly (readonly Measured[])[]): string {
  const [first = []] = runs;
  const common = first
    .map(({ name }) => runs.flatMap((run) => run.filter((measured) => measured.name === name)))
    .filter((same) => same.length === runs.length);
  const names = new Set(
    common.flatMap(([measured]) => Object.keys(measured?.samples ?? {}).slice(1)),
  );
  const inAll = [...names].filter((name) =>
    common.some((same) => same.every(({ samples }) => name in samples)),
  );
  const rows = common.flatMap((same) =>
    (same[0]?.metrics.slice(0, 2) ?? []).map((metric) => [
      `${same[0]?.name}: ${metric.title}`,
      ...inAll.map((name) =>
        same.every(({ samples }) => name in samples)
          ? same.map((measured) => advantage(measured, metric, name)).join(" · ")
          : "",
      ),
    ]),
  );
  return table(["times better than", ...inAll], rows);
}
