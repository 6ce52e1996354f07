import { expect } from "chai";
import { parseAuthorization } from "../../lib/fields/authorization.ts";
import {
  type DigestAlgorithm,
  type DigestAnswer,
  digestChallenges,
  digestSecret,
  isRightDigest,
  readDigest,
} from "../../lib/fields/digest.ts";
import { ProtocolError } from "../../lib/http/protocol-error.ts";
import { mutations } from "../support/mutations.ts";

function answer(field: string, algorithms?: readonly DigestAlgorithm[]): DigestAnswer | undefined {
  const credentials = parseAuthorization(field);
  if (credentials?.scheme !== "digest") return undefined;
  return readDigest(credentials.parameters, algorithms);
}

// The two of RFC 7616 section 3.9.1.
const common =
  'username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", ' +
  'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, ' +
  'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, ' +
  'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
const SHA_256 = `Digest ${common}, algorithm=SHA-256, response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"`;
const MD5 = `Digest ${common}, algorithm=MD5, response="8ca523f5e9506fed4657c9700eebdbec"`;

describe("fields/digest", () => {
  for (const [algorithm, field] of [
    ["SHA-256", SHA_256],
    ["MD5", MD5],
  ] as const) {
    it(`finds the example of the RFC right, by ${algorithm}`, () => {
      const given = answer(field);
      if (given === undefined) throw new Error("not read");
      const secret = digestSecret(algorithm, "Mufasa", "http-auth@example.org", "Circle of Life");
      expect(given.algorithm).to.equal(algorithm);
      expect(isRightDigest(given, "GET", secret)).to.be.true;
      expect(isRightDigest(given, "POST", secret)).to.be.false;
      expect(isRightDigest({ ...given, uri: "/dir/other" }, "GET", secret)).to.be.false;
      expect(isRightDigest({ ...given, nc: "00000002" }, "GET", secret)).to.be.false;
      const wrong = digestSecret(algorithm, "Mufasa", "http-auth@example.org", "circle of life");
      expect(isRightDigest(given, "GET", wrong)).to.be.false;
    });
  }

  it("gives all that was sent", () => {
    expect(answer(SHA_256)).to.deep.equal({
      algorithm: "SHA-256",
      user: "Mufasa",
      realm: "http-auth@example.org",
      nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
      uri: "/dir/index.html",
      nc: "00000001",
      cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
      opaque: "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
      response: "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
    });
  });

  it("takes MD5 where no algorithm is named, and names in UTF-8", () => {
    const field = MD5.replace(", algorithm=MD5", "").replace(
      "Mufasa",
      Buffer.from("Jäsøn").toString("latin1"),
    );
    expect(answer(field)).to.include({ algorithm: "MD5", user: "Jäsøn" });
  });

  const LACKING: readonly [what: string, change: (field: string) => string][] = [
    ["no user", (field) => field.replace('username="Mufasa", ', "")],
    ["a user that is not UTF-8", (field) => field.replace("Mufasa", "\xff")],
    ["a realm that is not UTF-8", (field) => field.replace("http-auth", "\xff")],
    ["no nonce", (field) => field.replace("nonce=", "once=")],
    ["no uri", (field) => field.replace("uri=", "url=")],
    ["no count", (field) => field.replace("nc=00000001, ", "")],
    ["a short count", (field) => field.replace("nc=00000001", "nc=1")],
    ["a count that is none", (field) => field.replace("nc=00000001", "nc=0000000g")],
    ["an empty cnonce", (field) => field.replace(/cnonce="[^"]*"/, 'cnonce=""')],
    ["another qop", (field) => field.replace("qop=auth", "qop=auth-int")],
    ["no qop", (field) => field.replace("qop=auth, ", "")],
    ["a short response", (field) => field.replace(/response="./, 'response="')],
    ["a response that is none", (field) => field.replace(/response=".*/, 'response="x"')],
  ];
  for (const [what, change] of LACKING) {
    it(`does not take ${what}`, () => {
      expect(answer(change(SHA_256))).to.be.undefined;
    });
  }

  it("refuses an algorithm that was not offered with 400", () => {
    for (const field of [
      SHA_256.replace("SHA-256", "SHA-512-256"),
      SHA_256.replace("SHA-256", "SHA-256-sess"),
    ]) {
      expect(() => answer(field))
        .to.throw(ProtocolError)
        .that.includes({ blame: "remote", status: 400 });
    }
    expect(() => answer(MD5, ["SHA-256"])).to.throw(ProtocolError);
  });

  it("finds no changed answer right", () => {
    const secret = digestSecret("SHA-256", "Mufasa", "http-auth@example.org", "Circle of Life");
    const good = answer(SHA_256);
    for (const field of mutations([SHA_256], 2_000)) {
      try {
        const given = answer(field);
        if (given === undefined || !isRightDigest(given, "GET", secret)) continue;
        expect({ ...given, user: "", realm: "", opaque: "" }).to.deep.equal({
          ...good,
          user: "",
          realm: "",
          opaque: "",
        });
      } catch (error) {
        expect(error).to.be.instanceOf(ProtocolError);
      }
    }
  });

  it("challenges with the strongest algorithm first", () => {
    const asked = { realm: 'a "b"', nonce: "n", opaque: "o", stale: false };
    expect(digestChallenges(asked)).to.deep.equal([
      'Digest realm="a \\"b\\"", qop="auth", algorithm=SHA-256, nonce="n", opaque="o", charset="UTF-8"',
      'Digest realm="a \\"b\\"", qop="auth", algorithm=MD5, nonce="n", opaque="o", charset="UTF-8"',
    ]);
    expect(digestChallenges({ ...asked, stale: true }, ["SHA-256"])).to.deep.equal([
      'Digest realm="a \\"b\\"", qop="auth", algorithm=SHA-256, nonce="n", opaque="o", charset="UTF-8", stale=true',
    ]);
  });
});
