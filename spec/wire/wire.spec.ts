import { expect } from "chai";
import { bytesOf, eventsOf, matches, type WireCase, wireCases } from "../support/wire.ts";

/** Up to here a case is cut at every position; a longer one near its ends and at some places between. */
const CUT_EVERYWHERE = 1_024;
const GOOD = bytesOf("GET /next HTTP/1.1\\r\\nHost: next.test\\r\\n\\r\\n");

function cutsOf({ bytes }: WireCase): number[] {
  const all = Array.from({ length: bytes.length }, (_, at) => at).slice(1);
  if (all.length < CUT_EVERYWHERE) return all;
  const stride = Math.ceil(all.length / 12);
  const ends = all.length < 20_000 ? 48 : 12;
  return all.filter((at) => at < ends || at > all.length - ends || at % stride === 0);
}

function both(one: Uint8Array, other: Uint8Array): Uint8Array {
  return Uint8Array.from([...one, ...other]);
}

const CASES = wireCases();

for (const file of new Set(CASES.map((one) => one.file))) {
  describe(`wire/${file}`, function cases() {
    this.timeout(5_000);
    for (const one of CASES.filter((other) => other.file === file)) {
      it(one.title, () => {
        const { bytes, expected } = one;
        const whole = eventsOf({ pieces: [bytes] });
        if (!matches(whole, expected)) expect(whole).to.deep.equal(expected);

        const octets = Array.from(bytes, (octet) => Uint8Array.of(octet));
        expect(eventsOf({ pieces: octets }), "byte by byte").to.deep.equal(whole);
        expect(eventsOf({ pieces: octets, late: true }), "late").to.deep.equal(whole);
        for (const at of cutsOf(one)) {
          const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
          expect(eventsOf({ pieces }), `cut at ${at}`).to.deep.equal(whole);
        }
        if (/^\d+$/.test(expected.at(-1) ?? "")) {
          expect(eventsOf({ pieces: [both(bytes, GOOD)] }), "nothing after it").to.deep.equal(
            whole,
          );
        }
      });
    }
  });
}

describe("wire", () => {
  it("has several hundred cases", () => {
    expect(CASES.length).to.be.greaterThan(400);
  });

  it("has no two cases of one name", () => {
    const titles = CASES.map(({ file, title }) => `${file} ${title}`);
    expect(titles.filter((title, at) => titles.indexOf(title) !== at)).to.deep.equal([]);
  });
});
