import { expect } from "chai";
import { type AccessRecord, combinedLogFormat, jsonLogFormat } from "../../lib/web/access-log.ts";
import { cpuTime } from "../support/cpu-time.ts";

const RECORD: AccessRecord = {
  id: "000001",
  time: Date.UTC(2026, 8, 21, 10, 11, 12),
  client: "192.0.2.1",
  user: "",
  method: "GET",
  uri: "/a?b=c",
  version: "HTTP/1.1",
  status: 200,
  bytes: 12,
  durationMs: 3.5,
  outcome: "finished",
  referer: "",
  userAgent: "spec/1",
};

describe("web/access-log", () => {
  it("writes the Combined format", () => {
    expect(combinedLogFormat(RECORD)).to.match(
      /^192\.0\.2\.1 - - \[21\/Sep\/2026:\d\d:\d\d:12 [+-]\d{4}\] "GET \/a\?b=c HTTP\/1\.1" 200 12 "-" "spec\/1"$/,
    );
  });

  it("writes dashes for what is not known", () => {
    const refused = {
      ...RECORD,
      client: "",
      method: "",
      uri: "",
      version: "",
      status: 400,
      bytes: 0,
      userAgent: "",
    };
    expect(combinedLogFormat(refused)).to.match(/^- - - \[.*\] "-" 400 - "-" "-"$/);
  });

  it("writes a line of JSON", () => {
    expect(JSON.parse(jsonLogFormat(RECORD))).to.deep.equal(RECORD);
  });

  for (const evil of [
    '"',
    "\\",
    "\n",
    "\r",
    "\0",
    "\u001b[31m",
    "\u007f",
    "\u0085",
    "é",
    "\u2028",
    "\u2029",
    "\u{1f600}",
  ]) {
    it(`never lets ${JSON.stringify(evil)} out as it is (E3)`, () => {
      const record = {
        ...RECORD,
        user: `u${evil} v`,
        uri: `/${evil}`,
        method: `M${evil}`,
        referer: evil,
        userAgent: evil,
      };
      for (const line of [combinedLogFormat(record), jsonLogFormat(record)]) {
        expect(line).to.match(/^[\x20-\x7e]*$/);
      }
      const fields = /"((?:[^"\\]|\\.)*)" 200 12 "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"$/.exec(
        combinedLogFormat(record),
      );
      expect(fields).to.not.equal(null);
      expect(combinedLogFormat(record)).to.match(/^192\.0\.2\.1 - \S+ \[/);
      expect(JSON.parse(jsonLogFormat(record))).to.include({ userAgent: evil });
    });
  }

  it("caps what a client sends at 1,024 characters", () => {
    const long = "x".repeat(5_000);
    const record = {
      ...RECORD,
      user: long,
      uri: `/${long}`,
      method: long,
      referer: long,
      userAgent: long,
    };
    for (const line of [combinedLogFormat(record), jsonLogFormat(record)]) {
      expect(line).to.have.lengthOf.below(5 * 1_024 + 300);
      expect(/x{1025}/.test(line)).to.equal(false);
    }
  });

  it("leaves out what is likely to be secret, in the Referer too", () => {
    const record = {
      ...RECORD,
      uri: "/a?x=1&access_token=abc&y=2&Password=def&z",
      referer: "http://a/?session=ghi",
    };
    for (const line of [combinedLogFormat(record), jsonLogFormat(record)]) {
      expect(line)
        .to.include("x=1&access_token=")
        .and.to.include("&y=2&Password=")
        .and.to.include("&z");
      expect(line).to.not.match(/abc|def|ghi/);
    }
  });

  it("takes no longer for what is made to take long", () => {
    const record = {
      ...RECORD,
      uri: `/?${"token".repeat(1_000)}`,
      referer: `?${"session&".repeat(500)}`,
    };
    expect(
      cpuTime(() => {
        for (let count = 0; count < 100; count += 1) combinedLogFormat(record);
      }),
    ).to.be.lessThan(200);
  });
});
