import { expect } from "chai";
import { cut, makeCase } from "./cases.ts";
import { differenceOf } from "./compare.ts";
import { DIFFERENCES } from "./differences.ts";
import { type FuzzReport, fuzz } from "./fuzzer.ts";
import { Random } from "./random.ts";
import { WeftlineReader } from "./weftline-reading.ts";

/** Fixed, so that a failure here is one everywhere; `npm run fuzz` takes others. */
const SEED = 1;
const CASES = 5_000;
/** A busy machine does fewer of them. */
const LONGEST_MS = 8_000;

describe("fuzz", function fuzzing() {
  this.timeout(30_000);
  this.slow(10_000);
  let report: FuzzReport;

  before(async () => {
    const deadline = performance.now() + LONGEST_MS;
    report = await fuzz({
      seed: SEED,
      cases: CASES,
      isOver: () => performance.now() > deadline,
    });
  });

  it("finds no difference to node:http that nobody has looked at", () => {
    expect(report.failures).to.deep.equal([]);
  });

  it("has both accepted and refused a good share alike", () => {
    const { cases, accepted, refused } = report;
    expect(cases).to.be.greaterThan(256);
    expect(accepted / cases).to.be.greaterThan(0.2);
    expect(refused / cases).to.be.greaterThan(0.2);
  });

  it("makes the same case of the same seed", () => {
    for (let seed = 0; seed < 100; seed += 1) {
      expect(makeCase(seed)).to.deep.equal(makeCase(seed));
    }
    expect(
      new Set(Array.from({ length: 100 }, (_, seed) => makeCase(seed).text)).size,
    ).to.be.greaterThan(95);
  });

  it("reads the same whatever the pieces (P2)", () => {
    const weftline = new WeftlineReader();
    const random = new Random(SEED);
    for (let seed = 0; seed < 1_000; seed += 1) {
      const { text } = makeCase(seed);
      const whole = weftline.read([Buffer.from(text, "latin1")]);
      const inPieces = weftline.read(cut(text, random));
      expect(differenceOf(text, whole, inPieces), `seed ${seed}`).to.equal(undefined);
      expect(inPieces.end, `seed ${seed}`).to.equal(whole.end);
    }
  });

  it("has a reason and a section for each difference", () => {
    const titles = DIFFERENCES.map(({ title }) => title);
    expect(new Set(titles).size).to.equal(titles.length);
    for (const { section } of DIFFERENCES) expect(section).to.match(/^RFC \d{4} section \d/);
  });
});
