import { expect } from "chai";
import { errorPage, forbidden, notFound, Resource, Site } from "weftline";
import { TestClient } from "weftline/testing";

describe("resources/error-pages", () => {
  for (const [page, status, said] of [
    [notFound(), 404, "404 Not Found"],
    [notFound("No such thing"), 404, "No such thing"],
    [forbidden(), 403, "403 Forbidden"],
    [errorPage(418, "<b>"), 418, "&lt;b&gt;"],
    [errorPage(503), 503, "503 Service Unavailable"],
  ] as const) {
    it(`answers ${status} and says ${said}, whatever is asked of it and below it`, () => {
      const client = new TestClient(new Resource().putChild("x", page));
      for (const path of ["/x", "/x/", "/x/y/z"]) {
        const reply = client.get(path);
        expect(reply.status).to.equal(status);
        expect(reply.text).to.include(said);
      }
      expect(client.post("/x").status).to.equal(status);
      expect(client.head("/x").text).to.equal("");
    });
  }

  it("looks like all errors of the site", () => {
    const site = new Site(notFound("gone"), { errorPage: ({ message }) => `sorry: ${message}` });
    expect(new TestClient(site).get("/").text).to.equal("sorry: gone");
  });

  it("refuses what is not the status of an error when it is made", () => {
    for (const status of [200, 399, 600, 404.5]) {
      expect(() => errorPage(status)).to.throw(RangeError);
    }
  });
});
