import { expect } from "chai";
import * as fc from "fast-check";
import { formatHttpDate, formatLogDate, parseHttpDate, wallClock } from "../../lib/fields/date.ts";

const MOMENT = Date.UTC(1994, 10, 6, 8, 49, 37);
const NOW = Date.UTC(2026, 0, 1);

describe("fields/date", () => {
  const FORMATTED: readonly [ms: number, http: string, log: string][] = [
    [MOMENT, "Sun, 06 Nov 1994 08:49:37 GMT", "06/Nov/1994:08:49:37 +0000"],
    [MOMENT + 999, "Sun, 06 Nov 1994 08:49:37 GMT", "06/Nov/1994:08:49:37 +0000"],
    [MOMENT + 1_000, "Sun, 06 Nov 1994 08:49:38 GMT", "06/Nov/1994:08:49:38 +0000"],
    [0, "Thu, 01 Jan 1970 00:00:00 GMT", "01/Jan/1970:00:00:00 +0000"],
    [-1, "Wed, 31 Dec 1969 23:59:59 GMT", "31/Dec/1969:23:59:59 +0000"],
    [
      Date.UTC(9999, 11, 31, 23, 59, 59),
      "Fri, 31 Dec 9999 23:59:59 GMT",
      "31/Dec/9999:23:59:59 +0000",
    ],
  ];
  for (const [ms, http, log] of FORMATTED) {
    it(`writes ${ms} as ${http} and ${log}`, () => {
      expect(formatHttpDate(ms)).to.equal(http);
      expect(formatHttpDate(ms)).to.equal(http);
      expect(formatLogDate(ms)).to.equal(log);
      expect(formatLogDate(ms)).to.equal(log);
    });
  }

  for (const ms of [-62_167_219_200_001, 253_402_300_800_000, Number.NaN, Infinity]) {
    it(`throws a RangeError for ${ms}, which four digits cannot say`, () => {
      expect(() => formatHttpDate(ms)).to.throw(RangeError);
    });
  }

  const PARSED: readonly [text: string, ms: number | undefined][] = [
    ["Sun, 06 Nov 1994 08:49:37 GMT", MOMENT],
    ["Sunday, 06-Nov-94 08:49:37 GMT", MOMENT],
    ["Sun Nov  6 08:49:37 1994", MOMENT],
    ["Wed Nov 16 08:49:37 1994", Date.UTC(1994, 10, 16, 8, 49, 37)],
    ["Mon, 06 Nov 1994 08:49:37 GMT", MOMENT],
    ["Thu, 29 Feb 2024 00:00:00 GMT", Date.UTC(2024, 1, 29)],
    ["Sat, 31 Dec 2016 23:59:60 GMT", Date.UTC(2017, 0, 1)],
    ["Wed, 29 Feb 2023 00:00:00 GMT", undefined],
    ["Sun, 31 Nov 1994 08:49:37 GMT", undefined],
    ["Sun, 00 Nov 1994 08:49:37 GMT", undefined],
    ["Sun Nov  0 08:49:37 1994", undefined],
    ["Sun, 06 Nov 1994 24:00:00 GMT", undefined],
    ["Sun, 06 Nov 1994 08:60:00 GMT", undefined],
    ["Sun, 06 Nov 1994 08:49:61 GMT", undefined],
    ["sun, 06 nov 1994 08:49:37 gmt", undefined],
    ["Sun, 6 Nov 1994 08:49:37 GMT", undefined],
    ["Sun, 06 Nov 1994 08:49:37 +0000", undefined],
    ["Sun, 06 Nov 1994 08:49:37 GMT ", undefined],
    ["Sun, 06-Nov-94 08:49:37 GMT", undefined],
    ["1994-11-06T08:49:37Z", undefined],
    ["784111777", undefined],
    ["", undefined],
  ];
  for (const [text, ms] of PARSED) {
    it(`reads ${JSON.stringify(text)} as ${ms}`, () => {
      expect(parseHttpDate(text, NOW)).to.equal(ms);
    });
  }

  const CENTURIES: readonly [now: number, digits: string, year: number][] = [
    [2026, "26", 2026],
    [2026, "76", 2076],
    [2026, "77", 1977],
    [2026, "00", 2000],
    [2099, "05", 2105],
    [2099, "50", 2050],
    [2099, "49", 2149],
  ];
  for (const [now, digits, year] of CENTURIES) {
    it(`takes the year ${digits} as ${year} in ${now}`, () => {
      const text = `Friday, 01-Jan-${digits} 00:00:00 GMT`;
      expect(parseHttpDate(text, Date.UTC(now, 5, 1))).to.equal(Date.UTC(year, 0, 1));
    });
  }

  it("takes a two-digit year by the clock of the system where no time is given", () => {
    expect(parseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT")).to.equal(MOMENT);
  });

  it("reads what it wrote, for any second of the years 0 to 9999", () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_167_219_200, max: 253_402_300_799 }), (second) => {
        expect(parseHttpDate(formatHttpDate(second * 1_000))).to.equal(second * 1_000);
      }),
    );
  });

  it("knows the time of the wall", () => {
    const before = Date.now();
    expect(wallClock()).to.be.within(before, Date.now());
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.string(), (text) => void parseHttpDate(text, NOW)));
  });
});
