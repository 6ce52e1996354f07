import { expect } from "chai";
import * as fc from "fast-check";
import { type Origin, originOf, TrustedProxies } from "../../lib/fields/forwarded.ts";
import { cpuTime } from "../support/cpu-time.ts";

type FieldsOf = Readonly<Record<string, string>>;

function fields(values: FieldsOf): { get(name: string): string | null } {
  return { get: (name) => values[name] ?? null };
}

const PEER: Origin = { address: "10.0.0.1", secure: false, host: undefined };
const TRUSTED = new TrustedProxies(["10.0.0.0/8", "2001:db8::/32", "192.0.2.9"]);

describe("fields/forwarded", () => {
  for (const [list, address, trusted] of [
    [[], "10.0.0.1", false],
    [["10.0.0.1"], "10.0.0.1", true],
    [["10.0.0.1"], "::ffff:10.0.0.1", true],
    [["10.0.0.1"], "10.0.0.2", false],
    [["10.0.0.0/8"], "10.255.0.1", true],
    [["10.0.0.0/8"], "11.0.0.1", false],
    [["0.0.0.0/0"], "11.0.0.1", true],
    [["::1"], "::1", true],
    [["fe80::/10"], "fe80::1", true],
    [["10.0.0.1"], "", false],
    [["unix"], "", true],
    [["unix"], "10.0.0.1", false],
    [["10.0.0.1"], "nonsense", false],
  ] as const) {
    it(`${trusted ? "trusts" : "does not trust"} ${address || "a unix socket"} when told ${list.join() || "nobody"}`, () => {
      expect(new TrustedProxies(list).has(address)).to.equal(trusted);
    });
  }

  for (const entry of [
    "",
    "localhost",
    "10.0.0.1/33",
    "10.0.0.1/",
    "10.0.0.1/a",
    "10.0.0.1/8/8",
    "::1/129",
    "10.0.0",
  ]) {
    it(`does not take ${JSON.stringify(entry)} for proxies`, () => {
      expect(() => new TrustedProxies([entry])).to.throw(TypeError, JSON.stringify(entry));
    });
  }

  const CASES: readonly [
    given: FieldsOf,
    origin: readonly [address: string, secure: boolean, host?: string],
  ][] = [
    [{}, ["10.0.0.1", false]],
    [{ forwarded: "for=192.0.2.1" }, ["192.0.2.1", false]],
    [
      { forwarded: "For=192.0.2.1;Proto=https;Host=example.com;by=10.0.0.1" },
      ["192.0.2.1", true, "example.com"],
    ],
    [{ forwarded: 'for="192.0.2.1:4711"' }, ["192.0.2.1", false]],
    [
      { forwarded: 'for="[2001:db9::1]:4711"; host="[::1]:80"' },
      ["2001:db9::1", false, "[::1]:80"],
    ],
    // Nearest first, up to the first that nobody vouches for: what is left of it is the client's own word.
    [{ forwarded: "for=6.6.6.6;proto=https, for=192.0.2.1" }, ["192.0.2.1", false]],
    [{ forwarded: "for=192.0.2.1;proto=https, for=10.0.0.2;proto=http" }, ["192.0.2.1", true]],
    [{ forwarded: "for=10.0.0.3, for=10.0.0.2" }, ["10.0.0.3", false]],
    [{ forwarded: "for=192.0.2.1, for=unknown" }, ["10.0.0.1", false]],
    [{ forwarded: "for=192.0.2.1, for=_hidden;proto=https" }, ["10.0.0.1", true]],
    [{ forwarded: 'for="1.2.3.4, for=5.6.7.8' }, ["10.0.0.1", false]],
    [{ forwarded: 'for="a,b", for=192.0.2.1' }, ["192.0.2.1", false]],
    [{ forwarded: "for=192.0.2.1;for=6.6.6.6" }, ["10.0.0.1", false]],
    [{ forwarded: "" }, ["10.0.0.1", false]],
    [{ forwarded: "proto=https" }, ["10.0.0.1", true]],
    [{ forwarded: 'for=192.0.2.1;host="<script>"' }, ["192.0.2.1", false]],
    [{ forwarded: "for=192.0.2.1;proto=gopher" }, ["192.0.2.1", false]],
    [{ forwarded: "for=192.0.2.1", "x-forwarded-for": "6.6.6.6" }, ["192.0.2.1", false]],
    [{ "x-forwarded-for": "192.0.2.1" }, ["192.0.2.1", false]],
    [{ "x-forwarded-for": "192.0.2.1:4711" }, ["192.0.2.1", false]],
    [{ "x-forwarded-for": "[2001:db9::1]:80" }, ["2001:db9::1", false]],
    [{ "x-forwarded-for": "2001:db9::1" }, ["2001:db9::1", false]],
    [{ "x-forwarded-for": "6.6.6.6, 192.0.2.1, 10.0.0.2" }, ["192.0.2.1", false]],
    [{ "x-forwarded-for": "6.6.6.6, nonsense" }, ["10.0.0.1", false]],
    [{ "x-forwarded-for": "999.1.1.1" }, ["10.0.0.1", false]],
    [{ "x-forwarded-for": "[::zz]" }, ["10.0.0.1", false]],
    [{ "x-forwarded-for": "192.0.2.1", "x-forwarded-proto": "HTTPS" }, ["192.0.2.1", true]],
    [
      { "x-forwarded-for": "192.0.2.1", "x-forwarded-host": "example.com:8443" },
      ["192.0.2.1", false, "example.com:8443"],
    ],
    [{ "x-forwarded-for": "192.0.2.1", "x-forwarded-host": "e/vil" }, ["192.0.2.1", false]],
    [{ "x-forwarded-for": "192.0.2.1", "x-forwarded-host": "a".repeat(262) }, ["192.0.2.1", false]],
    [
      { "x-forwarded-for": "192.0.2.1, 10.0.0.2", "x-forwarded-proto": "https, http" },
      ["192.0.2.1", true],
    ],
    [
      { "x-forwarded-for": "192.0.2.1, 10.0.0.2", "x-forwarded-proto": "https" },
      ["192.0.2.1", true],
    ],
    [
      { "x-forwarded-for": "6.6.6.6, 192.0.2.1", "x-forwarded-proto": "https, http" },
      ["192.0.2.1", false],
    ],
    [{ "x-forwarded-proto": "https" }, ["10.0.0.1", true]],
    [{ "x-forwarded-host": "example.com" }, ["10.0.0.1", false, "example.com"]],
  ];
  for (const [given, [address, secure, host]] of CASES) {
    it(`finds ${address} behind ${JSON.stringify(given)}`, () => {
      expect(originOf(PEER, fields(given), TRUSTED)).to.deep.equal({ address, secure, host });
    });
  }

  it("believes nothing of a peer that is not trusted", () => {
    const peer = { address: "192.0.2.7", secure: true, host: undefined };
    const given = { forwarded: "for=1.1.1.1;proto=http", "x-forwarded-for": "1.1.1.1" };
    expect(originOf(peer, fields(given), TRUSTED)).to.equal(peer);
  });

  it("never throws", () => {
    const unit = fc.constantFrom(...'for=;,"[]:.1_\\ '.split(""));
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        originOf(PEER, fields({ forwarded: text }), TRUSTED);
        originOf(PEER, fields({ "x-forwarded-for": text, "x-forwarded-host": text }), TRUSTED);
      }),
    );
  });

  it("takes time in proportion", () => {
    const taken = cpuTime(() => {
      for (const piece of [",", '"', '"\\', "a", '",', "for=1;"]) {
        originOf(PEER, fields({ forwarded: piece.repeat(16_384 / piece.length) }), TRUSTED);
      }
    });
    expect(taken).to.be.below(100);
  });
});
