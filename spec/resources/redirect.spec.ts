import { expect } from "chai";
import { ParentRedirect, Redirect, Resource } from "weftline";
import { TestClient } from "weftline/testing";

const TARGETS = [
  "/",
  "/a?b=c#d",
  "a/b",
  "/sky/SKY",
  "?x",
  "./",
  "https://example.org",
  "http://example.org:8080/a?b",
  "HTTPS://example.org/%C3%A4",
];
const NOT_TARGETS = [
  "",
  "//evil.example",
  "/\\evil.example",
  "\\evil.example",
  "javascript:alert(1)",
  "data:text/html,x",
  " https://example.org",
  "https:example.org",
  "https:///example.org",
  "https://",
  "https://example.org\\a",
  "https://example.org/a b",
  "https://example.org/\r\nX: y",
  "https://exa mple.org",
  "https://example.org:x/",
  "ftp://example.org/",
  "/ä",
];

function locationOf(redirect: Resource, path: string): string | null {
  return new TestClient(new Resource().putChild("old", redirect)).get(path).headers.get("location");
}

describe("resources/redirect", () => {
  for (const url of TARGETS) {
    it(`leads to ${url}, as it is written`, () => {
      expect(locationOf(new Redirect(url), "/old/x?y")).to.equal(url);
    });
  }

  for (const url of NOT_TARGETS) {
    it(`refuses ${JSON.stringify(url)} when it is made`, () => {
      expect(() => new Redirect(url)).to.throw(TypeError);
    });
  }

  for (const code of [301, 302, 303, 307, 308]) {
    it(`answers ${code} to any method, with an escaped link`, () => {
      const client = new TestClient(new Redirect("/a?b&c", code));
      for (const reply of [client.get("/"), client.post("/", { body: "x" })]) {
        expect(reply.status).to.equal(code);
        expect(reply.text).to.include('<a href="/a?b&amp;c">');
      }
    });
  }

  it("refuses what is not the status of a redirect", () => {
    for (const code of [200, 300, 304, 305, 306, 400]) {
      expect(() => new Redirect("/", code)).to.throw(RangeError);
    }
  });

  for (const [url, path, location] of [
    ["/new", "/old", "/new"],
    ["/new", "/old/", "/new/"],
    ["/new/", "/old/a/b?c=d", "/new/a/b?c=d"],
    ["https://example.org", "/old/a%2Fb/ä?", "https://example.org/a%2Fb/%C3%A4"],
    ["https://example.org", "/old/@evil.example", "https://example.org/%40evil.example"],
    ["https://example.org", "/old//evil.example", "https://example.org//evil.example"],
    ["/", "/old//evil.example", null],
    ["/", "/old/%5cevil.example", "/%5Cevil.example"],
    ["/", "/old/a", "/a"],
  ] as const) {
    it(`with the rest kept, ${path} leads from ${url} to ${location ?? "nowhere"}`, () => {
      const redirect = new Redirect(url, 301, { keepRest: true });
      expect(locationOf(redirect, encodeURI(path).replaceAll("%25", "%"))).to.equal(location);
    });
  }

  it("appends nothing to a target with a query or a fragment", () => {
    for (const url of ["/a?b", "/a#b"]) {
      expect(() => new Redirect(url, 302, { keepRest: true })).to.throw(TypeError);
    }
  });

  it("leads to the folder above, without the query and without an echo of the host", () => {
    for (const path of ["/old", "/old/a/b?c=d"]) {
      expect(locationOf(new ParentRedirect(), path)).to.equal("./");
    }
  });
});
