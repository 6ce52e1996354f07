import { expect } from "chai";
import { Headers } from "../../lib/http/headers.ts";
import { CookieJar } from "../../lib/testing/cookie-jar.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";

const DATE = "Thu, 01 Jan 2026 00:00:00 GMT";

function jarWith(
  cookies: readonly string[],
  path = "/a/b",
  date = DATE,
): { jar: CookieJar; clock: FakeClock } {
  const clock = new FakeClock();
  const jar = new CookieJar(() => clock.now());
  const headers = new Headers({ Date: date });
  for (const cookie of cookies) headers.append("Set-Cookie", cookie);
  jar.take(headers, path);
  return { jar, clock };
}

/** What is set in answer to a request for /a/b, and what a request for `path` then sends. */
const PATHS: readonly (readonly [cookie: string, path: string, sent: string])[] = [
  ["k=v", "/a/b", "k=v"],
  ["k=v", "/a", "k=v"],
  ["k=v", "/a/c?x=/", "k=v"],
  ["k=v", "/ab", ""],
  ["k=v", "/", ""],
  ["k=v; Path=/", "/x", "k=v"],
  ["k=v; path=/x", "/x/y", "k=v"],
  ["k=v; Path=/x/", "/x/y", "k=v"],
  ["k=v; Path=x", "/a/c", "k=v"],
  ["k=v; Path=/x", "*", ""],
  ["k = v ; Path=/; HttpOnly; SameSite=Lax", "/", "k=v"],
  ["k=a=b; Path=/", "/", "k=a=b"],
  ["k=; Path=/", "/", "k="],
  ["=v; Path=/", "/", ""],
  ["k; Path=/", "/", ""],
  ["k=v; Path=/; Secure", "/", ""],
];

/** What is sent right away, and after so many ms. */
const AGES: readonly (readonly [attributes: string, ms: number, now: string, then: string])[] = [
  ["", 1e12, "k=v", "k=v"],
  ["; Max-Age=10", 9_999, "k=v", "k=v"],
  ["; Max-Age=10", 10_000, "k=v", ""],
  ["; Max-Age=0", 0, "", ""],
  ["; Max-Age=-1", 0, "", ""],
  ["; Max-Age=soon", 1e12, "k=v", "k=v"],
  ["; Expires=Thu, 01 Jan 2026 00:00:10 GMT", 9_999, "k=v", "k=v"],
  ["; Expires=Thu, 01 Jan 2026 00:00:10 GMT", 10_000, "k=v", ""],
  ["; Expires=Thu, 01 Jan 1970 00:00:00 GMT", 0, "", ""],
  ["; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=10", 9_999, "k=v", "k=v"],
  ["; Expires=soon", 1e12, "k=v", "k=v"],
];

describe("testing/cookie-jar", () => {
  for (const [cookie, path, sent] of PATHS) {
    it(`sends "${sent}" to ${path} after Set-Cookie: ${cookie}`, () => {
      expect(jarWith([cookie]).jar.header(path, false)).to.equal(sent);
    });
  }

  for (const [attributes, ms, now, then] of AGES) {
    it(`keeps a cookie "${attributes}" as long as it says: looked at after ${ms} ms`, () => {
      const { jar, clock } = jarWith([`k=v; Path=/${attributes}`]);
      expect(jar.header("/", false)).to.equal(now);
      clock.advance(ms);
      expect(jar.header("/", false)).to.equal(then);
    });
  }

  it("keeps a cookie with an end for ever where the reply has no date", () => {
    const clock = new FakeClock();
    const jar = new CookieJar(() => clock.now());
    jar.take(new Headers({ "Set-Cookie": "k=v; Expires=Thu, 01 Jan 1970 00:00:00 GMT" }), "/");
    expect(jar.get("k")).to.equal("v");
  });

  it("sends secure cookies where that is said to be secure", () => {
    expect(jarWith(["k=v; Secure"]).jar.header("/a/b", true)).to.equal("k=v");
  });

  it("uses the root where the path of the request has no folder", () => {
    expect(jarWith(["k=v"], "/b").jar.header("/", false)).to.equal("k=v");
    expect(jarWith(["k=v"], "http://h/").jar.header("/", false)).to.equal("k=v");
  });

  it("sends the one with the longest path first, and replaces one of the same name and path", () => {
    const { jar } = jarWith(["k=1; Path=/", "k=2; Path=/a", "k=3; Path=/"]);
    expect(jar.header("/a", false)).to.equal("k=2; k=3");
  });

  it("can be looked into, filled and cleared", () => {
    const { jar } = jarWith([]);
    expect(jar.empty).to.equal(true);
    jar.set("k", "v");
    expect([jar.empty, jar.get("k"), jar.get("x")]).to.deep.equal([false, "v", undefined]);
    jar.clear();
    expect(jar.empty).to.equal(true);
  });
});
