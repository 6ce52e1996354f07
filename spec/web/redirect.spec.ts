import { expect } from "chai";
import { isLocal } from "../../lib/web/redirect.ts";
import { smallSite } from "../support/small-site.ts";

describe("web/redirect (O1)", () => {
  for (const url of [
    "/",
    "/a/b?c=d#e",
    "a",
    "../a",
    "?a=b",
    "#a",
    "/a:b",
    "/%0d%0a",
    "./a:b",
    "/@evil.test",
    "/a//b",
  ]) {
    it(`goes to ${JSON.stringify(url)}, as it is (O3)`, () => {
      const { client } = smallSite((request) => request.redirect(url));
      const reply = client.get("/");
      expect([reply.status, reply.headers.get("location")]).to.deep.equal([302, url]);
    });
  }

  for (const url of [
    "",
    "//evil.test",
    "/\\evil.test",
    "\\evil.test",
    "\\\\evil.test",
    "/\t/evil.test",
    "/\n/evil.test",
    "\t//evil.test",
    " //evil.test",
    " https://evil.test",
    "https://evil.test",
    "HTTPS:evil.test",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "/a b",
    "/é",
    "/a\\b",
    "/\u0000",
    "/\u007f",
    "/\u2028",
  ]) {
    it(`throws for ${JSON.stringify(url)}`, () => {
      const { client } = smallSite((request) => request.redirect(url));
      expect(isLocal(url)).to.equal(false);
      const reply = client.get("/");
      expect([reply.status, reply.headers.get("location")]).to.deep.equal([500, null]);
    });
  }

  it("says where to in a page that is escaped", () => {
    const { client } = smallSite((request) => request.redirect('/"><script>'));
    const reply = client.get("/");
    expect(reply.text).to.include("&quot;&gt;&lt;script&gt;").and.to.not.include("<script>");
  });

  for (const code of [301, 302, 303, 307, 308]) {
    it(`may be a ${code}`, () => {
      expect(smallSite((request) => request.redirect("/a", code)).client.get("/").status).to.equal(
        code,
      );
    });
  }

  for (const code of [200, 300, 304, 305, 306, 399, 400]) {
    it(`is never a ${code}`, () => {
      expect(smallSite((request) => request.redirect("/a", code)).client.get("/").status).to.equal(
        500,
      );
    });
  }
});
