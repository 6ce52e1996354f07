import { expect } from "chai";
import * as fc from "fast-check";
import {
  type Credentials,
  challenge,
  MAX_CREDENTIALS,
  parseAuthorization,
} from "../../lib/fields/authorization.ts";
import { mutations } from "../support/mutations.ts";

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString("base64")}`;
}

const DIGEST =
  'Digest username="Mufasa", realm="x", nonce="abc,def", uri="/a?b=\\"c\\"", nc=00000001, qop=auth, response=0123';

describe("fields/authorization", () => {
  const READ: readonly [field: string, credentials: Credentials][] = [
    [
      "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
      { scheme: "basic", user: "Aladdin", password: "open sesame" },
    ],
    [
      "BASIC QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
      { scheme: "basic", user: "Aladdin", password: "open sesame" },
    ],
    [
      "Basic  QWxhZGRpbjpvcGVuIHNlc2FtZQ ",
      { scheme: "basic", user: "Aladdin", password: "open sesame" },
    ],
    [basic("a:b:c"), { scheme: "basic", user: "a", password: "b:c" }],
    [basic(":"), { scheme: "basic", user: "", password: "" }],
    [basic("test:123£"), { scheme: "basic", user: "test", password: "123£" }],
    ["Bearer abc.DEF-_~+/==", { scheme: "bearer", token: "abc.DEF-_~+/==" }],
    ["bearer x", { scheme: "bearer", token: "x" }],
  ];
  for (const [field, credentials] of READ) {
    it(`reads ${field}`, () => {
      expect(parseAuthorization(field)).to.deep.equal(credentials);
    });
  }

  it("reads the parameters of Digest, commas in quotes included", () => {
    const credentials = parseAuthorization(DIGEST);
    expect(credentials?.scheme === "digest" && [...credentials.parameters]).to.deep.equal([
      ["username", "Mufasa"],
      ["realm", "x"],
      ["nonce", "abc,def"],
      ["uri", '/a?b="c"'],
      ["nc", "00000001"],
      ["qop", "auth"],
      ["response", "0123"],
    ]);
  });

  const REFUSED = [
    "",
    " ",
    "Basic",
    "Basic a",
    "Basic ",
    "Basic %%%",
    "Basic QWxh=ZGRpbg==",
    "Basic a:b",
    "Basic QWxhZGRpbjpvcGVu IHNlc2FtZQ==",
    basic("nocolon"),
    basic("a\0:b"),
    basic("a:b\r\n"),
    `Basic ${Buffer.from([0x61, 0x3a, 0xff]).toString("base64")}`,
    "Bearer",
    "Bearer ",
    "Bearer a b",
    "Bearer a=b",
    "Bearer é",
    "Digest a",
    "Digest a=b c=d",
    "Digest a=b, a=c",
    'Digest a="b',
    "Negotiate abc",
    "QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
  ];
  for (const field of REFUSED) {
    it(`does not take ${JSON.stringify(field)}`, () => {
      expect(parseAuthorization(field)).to.be.undefined;
    });
  }

  it("takes credentials as long as allowed, and no longer", () => {
    const long = basic(`a:${"x".repeat((MAX_CREDENTIALS / 4) * 3 - 2)}`);
    expect(long.length).to.equal(MAX_CREDENTIALS + "Basic ".length);
    expect(parseAuthorization(long)).to.have.property("user", "a");
    expect(parseAuthorization(`${long}AAAA`)).to.be.undefined;
    expect(parseAuthorization(`Bearer ${"x".repeat(MAX_CREDENTIALS)}`)).to.have.property("token");
    expect(parseAuthorization(`Bearer ${"x".repeat(MAX_CREDENTIALS + 1)}`)).to.be.undefined;
  });

  it("reads any user and password that were written", () => {
    const text = fc.string({ unit: "grapheme" }).filter((one) => !/\p{Cc}/u.test(one));
    fc.assert(
      fc.property(text, text, (user, password) => {
        fc.pre(!user.includes(":"));
        const credentials = parseAuthorization(basic(`${user}:${password}`));
        expect(credentials).to.deep.equal({ scheme: "basic", user, password });
      }),
    );
  });

  it("never throws, whatever becomes of good credentials", () => {
    for (const field of mutations([DIGEST, basic("user:password"), "Bearer abc.def"], 2_000)) {
      parseAuthorization(field);
    }
  });

  it("writes challenges, escaped", () => {
    expect(challenge("Basic", { realm: 'a "b" \\', charset: "UTF-8" })).to.equal(
      'Basic realm="a \\"b\\" \\\\", charset="UTF-8"',
    );
    expect(challenge("Digest", { realm: "a", algorithm: "SHA-256", stale: "true" })).to.equal(
      'Digest realm="a", algorithm=SHA-256, stale=true',
    );
    expect(challenge("Bearer", {})).to.equal("Bearer");
    expect(() => challenge("Basic", { realm: "a\r\nSet-Cookie: b" })).to.throw(TypeError);
  });
});
