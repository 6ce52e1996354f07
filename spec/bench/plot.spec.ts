import { expect } from "chai";
import { plot } from "../../bench/plot.ts";

const GROWTH = {
  name: "connections",
  title: "A request & its <cost>",
  across: "connections",
  up: "µs",
  lines: {
    weftline: [
      [1, 10],
      [10, 5],
      [100, 4],
    ],
    fastify: [
      [1, 20],
      [10, 20],
      [100, 19],
    ],
  },
} as const;

describe("bench/plot", () => {
  const svg = plot(GROWTH);

  it("draws a line with a point for each step, and names it at its end", () => {
    const points = [...svg.matchAll(/<polyline[^>]* points="([^"]*)"/g)].map(([, list]) => list);
    expect(points.map((list) => list?.split(" ").length)).to.deep.equal([3, 3]);
    expect(svg).to.match(/<text class="line0"[^>]*>weftline<\/text>/);
    expect(svg).to.match(/<text class="line1"[^>]*>fastify<\/text>/);
  });

  it("puts more cost higher up, and equal factors equally far apart", () => {
    const [[x1, y1] = [], [x10, y10] = [], [x100] = []] =
      /points="([^"]*)"/
        .exec(svg)?.[1]
        ?.split(" ")
        .map((point) => point.split(",").map(Number)) ?? [];
    expect(Number(y1)).to.be.below(Number(y10));
    expect(Number(x10) - Number(x1)).to.be.closeTo(Number(x100) - Number(x10), 0.2);
  });

  it("escapes what it is told", () => {
    expect(svg).to.contain("A request &amp; its &lt;cost>");
  });

  it("has colours for a light and for a dark ground", () => {
    expect(svg).to.contain("@media (prefers-color-scheme: dark)");
  });
});
