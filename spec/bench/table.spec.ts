import { expect } from "chai";
import type { Metric } from "../../bench/measure/workload.ts";
import { runsTable, summaryTable, workloadTable } from "../../bench/table.ts";

const METRICS: readonly Metric[] = [
  { key: "cpuUs", title: "CPU µs/request", better: "less", digits: 1 },
  { key: "rate", title: "requests/s", better: "more", digits: 0 },
];
const HELLO = {
  name: "hello",
  title: "hello",
  metrics: METRICS,
  samples: {
    weftline: [
      { cpuUs: 5, rate: 150_000 },
      { cpuUs: 4, rate: 140_000 },
      { cpuUs: 6, rate: 100_000 },
    ],
    fastify: [{ cpuUs: 15, rate: 70_000 }],
  },
};

describe("bench/table", () => {
  it("shows medians, and how many times better the first one is", () => {
    expect(workloadTable(HELLO)).to.equal(
      [
        "|          | CPU µs/request |    requests/s |    ± |",
        "| -------- | -------------: | ------------: | ---: |",
        "| weftline |            5.0 |       140,000 | 20 % |",
        "| fastify  |    15.0 (3.00) | 70,000 (2.00) |      |",
      ].join("\n"),
    );
  });

  it("sums up the ratios of the first two metrics", () => {
    expect(summaryTable([HELLO]).split("\n").at(-1)).to.match(/^\| hello: .* \| 3\.00 · 2\.00 \|$/);
  });

  it("puts the ratios of several runs side by side, of what all of them measured", () => {
    const again = {
      ...HELLO,
      samples: { ...HELLO.samples, fastify: [{ cpuUs: 20, rate: 50_000 }] },
    };
    const once = {
      ...HELLO,
      name: "once",
      samples: { ...HELLO.samples, koa: [{ cpuUs: 9, rate: 1 }] },
    };
    expect(runsTable([[HELLO, once], [again]]).split("\n")).to.deep.equal([
      "| times better than     |     fastify |",
      "| --------------------- | ----------: |",
      "| hello: CPU µs/request | 3.00 · 4.00 |",
      "| hello: requests/s     | 2.00 · 2.80 |",
    ]);
  });
});
