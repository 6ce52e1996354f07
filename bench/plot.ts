// A plot as SVG, by hand: no script, no font of its own, legible on white and on black.
import type { Growth, Point } from "./results.ts";

const WIDTH = 640;
const HEIGHT = 360;
const LEFT = 64;
const RIGHT = 120;
const TOP = 40;
const BOTTOM = 48;

/** A colour for each line, on a light and on a dark ground. */
const COLOURS: readonly (readonly [light: string, dark: string])[] = [
  ["#0b62c4", "#6cb2ff"],
  ["#b3530b", "#ffa657"],
  ["#2e7d32", "#7ee787"],
  ["#8e24aa", "#d2a8ff"],
];

/** Draws one line for each contestant, across on a logarithmic scale, up from zero. */
export function plot(growth: Growth): string {
  const lines = Object.entries(growth.lines);
  const points = lines.flatMap(([, line]) => line);
  const scale = scaleOf(points);
  const labels = endLabels(lines, scale);
  const drawn = lines.map(([, line], index) => lineOf(line, scale, index));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(growth.title)}">
<style>
${STYLE}
</style>
<text class="title" x="${LEFT}" y="20">${escape(growth.title)}</text>
${upAxis(scale, growth.up)}
${acrossAxis(scale, points, growth.across)}
${[...drawn, ...labels].join("\n")}
</svg>
`;
}

const STYLE = [
  "text { font: 12px system-ui, sans-serif; fill: #333 }",
  ".title { font-size: 14px; font-weight: 600 }",
  ".grid { stroke: #888; stroke-opacity: 0.25 }",
  "polyline { fill: none; stroke-width: 2 }",
  ...COLOURS.map(([light], index) => colour(light, index)),
  "@media (prefers-color-scheme: dark) {",
  "text { fill: #ddd }",
  ...COLOURS.map(([, dark], index) => colour(dark, index)),
  "}",
].join("\n");

function colour(value: string, index: number): string {
  return `polyline.line${index} { stroke: ${value} } circle.line${index}, text.line${index} { fill: ${value} }`;
}

interface Scale {
  readonly x: (across: number) => number;
  readonly y: (up: number) => number;
  readonly step: number;
  readonly top: number;
}

function scaleOf(points: readonly Point[]): Scale {
  const across = points.map(([at]) => Math.log10(at));
  const [from, to] = [Math.min(...across), Math.max(...across)];
  const highest = Math.max(...points.map(([, up]) => up));
  const step = niceStep(highest / 4);
  const top = Math.ceil(highest / step) * step;
  const width = WIDTH - LEFT - RIGHT;
  const height = HEIGHT - TOP - BOTTOM;
  return {
    x: (at) => LEFT + ((Math.log10(at) - from) / (to - from || 1)) * width,
    y: (up) => TOP + height - (up / top) * height,
    step,
    top,
  };
}

/** The smallest of 1, 2, 5 times a power of ten that is at least `least`. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
}

function upAxis({ y, step, top }: Scale, title: string): string {
  const marks = [`<text x="${LEFT}" y="${TOP - 6}">${escape(title)}</text>`];
  for (let index = 0; index * step <= top + step / 2; index += 1) {
    const up = index * step;
    const at = round(y(up));
    marks.push(`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/>`);
    const label = Number(up.toPrecision(6)).toLocaleString("en");
    marks.push(`<text x="${LEFT - 6}" y="${at + 4}" text-anchor="end">${label}</text>`);
  }
  return marks.join("\n");
}

function acrossAxis({ x }: Scale, points: readonly Point[], title: string): string {
  const steps = [...new Set(points.map(([at]) => at))].toSorted((a, b) => a - b);
  const middle = LEFT + (WIDTH - LEFT - RIGHT) / 2;
  const marks = steps.map((at) => {
    const label = at.toLocaleString("en");
    return `<text x="${round(x(at))}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${label}</text>`;
  });
  const under = `<text x="${middle}" y="${HEIGHT - 10}" text-anchor="middle">${escape(title)}</text>`;
  return [...marks, under].join("\n");
}

function lineOf(line: readonly Point[], { x, y }: Scale, index: number): string {
  const at = line.map(([across, up]) => `${round(x(across))},${round(y(up))}`);
  const dots = at.map((point) => {
    const [cx, cy] = point.split(",");
    return `<circle class="line${index}" cx="${cx}" cy="${cy}" r="3"/>`;
  });
  return [`<polyline class="line${index}" points="${at.join(" ")}"/>`, ...dots].join("\n");
}

/** Height of a line of text. */
const LABEL = 14;

/** The names at the ends of their lines, pushed apart where they would overlap. */
function endLabels(lines: readonly [string, readonly Point[]][], { y }: Scale): readonly string[] {
  const wanted = lines.map(([name, line], index) => ({
    name,
    index,
    at: y(line.at(-1)?.[1] ?? 0),
  }));
  let free = -Infinity;
  return wanted
    .toSorted((a, b) => a.at - b.at)
    .map(({ name, index, at }) => {
      const place = Math.max(at, free);
      free = place + LABEL;
      const left = WIDTH - RIGHT + 10;
      return `<text class="line${index}" x="${left}" y="${round(place) + 4}">${escape(name)}</text>`;
    });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
