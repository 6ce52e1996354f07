import { expect } from "chai";
import * as fc from "fast-check";
import {
  type CookieOptions,
  MAX_COOKIE_BYTES,
  MAX_COOKIES,
  parseCookies,
  serializeCookie,
} from "../../lib/fields/cookies.ts";
import { anyCharacter } from "../support/any-character.ts";

describe("fields/cookies", () => {
  const READ: readonly [field: string, cookies: Readonly<Record<string, string>>][] = [
    ["", {}],
    ["a=1", { a: "1" }],
    ["a=1; b=2", { a: "1", b: "2" }],
    ["a=1;b=2;", { a: "1", b: "2" }],
    ["; a=1;;b=2", { a: "1", b: "2" }],
    [" a = 1 ; b=2", { a: "1", b: "2" }],
    ["a=1; a=2", { a: "2" }],
    ["a; b=1; =x", { b: "1" }],
    ["a=", { a: "" }],
    ["a=b=c", { a: "b=c" }],
    ['a="b"', { a: '"b"' }],
    ["a=%E4%B8%AD%3B", { a: "中;" }],
    ["a=%ff; b=%zz", { a: "%ff", b: "%zz" }],
    ["constructor=1; toString=2", { constructor: "1", toString: "2" }],
  ];
  for (const [field, cookies] of READ) {
    it(`reads ${JSON.stringify(field)}`, () => {
      expect([...parseCookies(field)]).to.deep.equal(Object.entries(cookies));
    });
  }

  it("takes __proto__ as a name like any other", () => {
    expect(parseCookies("__proto__=x").get("__proto__")).to.equal("x");
    expect(Object.keys(Object.prototype)).to.deep.equal([]);
  });

  it("reads as many as allowed and leaves out the rest", () => {
    expect(parseCookies(numbered(MAX_COOKIES - 1)).size).to.equal(MAX_COOKIES - 1);
    expect(parseCookies(numbered(MAX_COOKIES)).size).to.equal(MAX_COOKIES);
    const names = [...parseCookies(numbered(MAX_COOKIES + 1)).keys()];
    expect(names.at(-1)).to.equal(`c${MAX_COOKIES - 1}`);
  });

  it("leaves out a cookie that is too long, and reads the next", () => {
    expect(parseCookies(long(MAX_COOKIE_BYTES - 1)).size).to.equal(2);
    expect(parseCookies(long(MAX_COOKIE_BYTES)).size).to.equal(2);
    expect([...parseCookies(long(MAX_COOKIE_BYTES + 1)).keys()]).to.deep.equal(["b"]);
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.string({ unit: anyCharacter }), (field) => void parseCookies(field)));
  });

  const MANY = new Date(Date.UTC(2030, 0, 1));
  const WRITTEN: readonly [options: CookieOptions | undefined, field: string][] = [
    [undefined, "a=1; Path=/; HttpOnly; SameSite=Lax"],
    [{ secure: true }, "a=1; Path=/; HttpOnly; Secure; SameSite=Lax"],
    [{ secure: false, httpOnly: false }, "a=1; Path=/; SameSite=Lax"],
    [
      { path: "/app", domain: "example.com" },
      "a=1; Domain=example.com; Path=/app; HttpOnly; SameSite=Lax",
    ],
    [{ maxAgeMs: 60_000 }, "a=1; Max-Age=60; Path=/; HttpOnly; SameSite=Lax"],
    [{ maxAgeMs: 1 }, "a=1; Max-Age=1; Path=/; HttpOnly; SameSite=Lax"],
    [{ maxAgeMs: 0 }, "a=1; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"],
    [{ maxAgeMs: -5 }, "a=1; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"],
    [
      { expires: MANY },
      "a=1; Path=/; Expires=Tue, 01 Jan 2030 00:00:00 GMT; HttpOnly; SameSite=Lax",
    ],
    [{ sameSite: "strict" }, "a=1; Path=/; HttpOnly; SameSite=Strict"],
    [{ sameSite: "none", secure: true }, "a=1; Path=/; HttpOnly; Secure; SameSite=None"],
    [
      { partitioned: true, secure: true, priority: "high" },
      "a=1; Path=/; HttpOnly; Secure; Partitioned; Priority=High; SameSite=Lax",
    ],
  ];
  for (const [options, field] of WRITTEN) {
    it(`writes ${JSON.stringify(options)} as ${field}`, () => {
      expect(serializeCookie("a", "1", options)).to.equal(field);
    });
  }

  it("takes an absent option and one that is undefined as the same", () => {
    const options = { path: undefined, domain: undefined, maxAgeMs: undefined, secure: undefined };
    expect(serializeCookie("a", "1", options)).to.equal(serializeCookie("a", "1"));
  });

  it("writes __Host- and __Secure- cookies that keep to their rules", () => {
    serializeCookie("__Host-a", "1", { secure: true });
    serializeCookie("__Host-a", "1", { secure: true, path: "/" });
    serializeCookie("__Secure-a", "1", { secure: true, domain: "example.com", path: "/b" });
    serializeCookie("__Hosta", "1");
  });

  const REFUSED: readonly [name: string, value: string, options: CookieOptions][] = [
    ["", "1", {}],
    ["a b", "1", {}],
    ["a=b", "1", {}],
    ["a;b", "1", {}],
    ["a\r\nb", "1", {}],
    ["é", "1", {}],
    ["a(b)", "1", {}],
    ["a", "\ud800", {}],
    ["a", "1", { path: "a" }],
    ["a", "1", { path: "" }],
    ["a", "1", { path: "/; Secure" }],
    ["a", "1", { path: "/\r\nX: y" }],
    ["a", "1", { domain: "" }],
    ["a", "1", { domain: "x; Path=/" }],
    ["a", "1", { domain: "x y" }],
    ["a", "1", { maxAgeMs: Number.NaN }],
    ["a", "1", { maxAgeMs: Infinity }],
    ["a", "1", { expires: new Date(Number.NaN) }],
    ["a", "1", { sameSite: "none" }],
    ["a", "1", { sameSite: "x\r\ny" as "lax" }],
    ["a", "1", { priority: "x" as "low" }],
    ["a", "1", { partitioned: true }],
    ["__Secure-a", "1", {}],
    ["__Host-a", "1", {}],
    ["__host-a", "1", {}],
    ["__Host-a", "1", { secure: true, path: "/a" }],
    ["__Host-a", "1", { secure: true, domain: "example.com" }],
  ];
  for (const [name, value, options] of REFUSED) {
    it(`refuses ${JSON.stringify(name)} = ${JSON.stringify(value)} with ${JSON.stringify(options)}`, () => {
      expect(() => serializeCookie(name, value, options)).to.throw(TypeError);
    });
  }

  it("writes a cookie as long as a browser keeps, and refuses a longer one", () => {
    serializeCookie("ab", "x".repeat(MAX_COOKIE_BYTES - 3));
    serializeCookie("ab", "x".repeat(MAX_COOKIE_BYTES - 2));
    expect(() => serializeCookie("ab", "x".repeat(MAX_COOKIE_BYTES - 1))).to.throw(
      TypeError,
      "4096",
    );
  });

  it("gives back any value that was set, and stays in one line", () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 300 }), (value) => {
        const field = serializeCookie("name", value);
        expect(field).to.match(/^name=[\x21-\x3a\x3c-\x7e]*; Path=\/; HttpOnly; SameSite=Lax$/);
        expect(parseCookies(field.split(";")[0] ?? "").get("name")).to.equal(value);
      }),
    );
  });
});

function numbered(count: number): string {
  return Array.from({ length: count }, (_, index) => `c${index}=1`).join("; ");
}

function long(bytes: number): string {
  return `a=${"x".repeat(bytes - 1)}; b=1`;
}
