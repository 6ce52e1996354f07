import { expect } from "chai";
import { Headers } from "../../lib/http/headers.ts";
import { CrossOriginPolicy } from "../../lib/web/cross-origin.ts";

const TRUSTED = "https://trusted.example:8443";

/** Method, Sec-Fetch-Site, Origin; the host is example.org. */
const ALLOWED: readonly (readonly [string, (string | undefined)?, string?])[] = [
  ["GET", "cross-site", "https://evil.example"],
  ["HEAD", "cross-site", "https://evil.example"],
  ["OPTIONS", "cross-site", "https://evil.example"],
  ["POST", "same-origin", "https://example.org"],
  ["POST", "same-origin"],
  ["POST", "none"],
  ["POST"],
  ["DELETE"],
  ["POST", undefined, "https://example.org"],
  ["POST", undefined, "http://example.org"],
  ["POST", undefined, "https://example.org:443"],
  ["POST", undefined, "https://EXAMPLE.org"],
  ["POST", undefined, TRUSTED],
  ["POST", "cross-site", TRUSTED],
];
const REFUSED: readonly (readonly [string, (string | undefined)?, string?])[] = [
  ["POST", "cross-site"],
  ["POST", "cross-site", "https://example.org"],
  ["POST", "same-site", "https://other.example.org"],
  ["POST", "same-site"],
  ["POST", "anything"],
  ["POST", ""],
  ["PUT", "cross-site"],
  ["PATCH", "cross-site"],
  ["DELETE", "cross-site"],
  ["BREW", "cross-site"],
  ["POST", undefined, "https://evil.example"],
  ["POST", undefined, "https://example.org.evil.example"],
  ["POST", undefined, "https://example.org@evil.example"],
  ["POST", undefined, "https://example.org:8080"],
  ["POST", undefined, "https://trusted.example"],
  ["POST", undefined, "http://trusted.example:8443"],
  ["POST", undefined, "null"],
  ["POST", undefined, ""],
  ["POST", undefined, "example.org"],
  ["POST", undefined, "file://example.org"],
  ["POST", undefined, "https://example.org/"],
  ["POST", undefined, "https://example.org, https://evil.example"],
];

function allows([method, site, origin]: readonly [
  string,
  (string | undefined)?,
  string?,
]): boolean {
  const headers = new Headers();
  if (site !== undefined) headers.set("Sec-Fetch-Site", site);
  if (origin !== undefined) headers.set("Origin", origin);
  const policy = new CrossOriginPolicy({ trustedOrigins: [TRUSTED] });
  return policy.allows({ method, headers, authority: "example.org" });
}

function allowed(origin: string, authority: string): boolean {
  const headers = new Headers({ Origin: origin });
  return new CrossOriginPolicy().allows({ method: "POST", headers, authority });
}

describe("web/cross-origin", () => {
  for (const sent of ALLOWED) {
    it(`allows ${JSON.stringify(sent)}`, () => {
      expect(allows(sent)).to.equal(true);
    });
  }

  for (const sent of REFUSED) {
    it(`refuses ${JSON.stringify(sent)}`, () => {
      expect(allows(sent)).to.equal(false);
    });
  }

  it("compares addresses and ports", () => {
    expect(allowed("http://[::1]:8080", "[::1]:8080")).to.equal(true);
    expect(allowed("http://127.0.0.1:8080", "127.0.0.1")).to.equal(false);
    expect(allowed("http://127.0.0.1", "127.0.0.1:80")).to.equal(true);
  });

  for (const origin of [
    "",
    "example.org",
    "https://example.org/",
    "https://EXAMPLE.org",
    "null",
    "*",
    "https://*.example.org",
    "https://example.org:443",
  ]) {
    it(`refuses to trust ${JSON.stringify(origin)}`, () => {
      expect(() => new CrossOriginPolicy({ trustedOrigins: [origin] })).to.throw(TypeError);
    });
  }
});
