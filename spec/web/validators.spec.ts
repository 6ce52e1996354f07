import { expect } from "chai";
import type { Request } from "../../lib/web/request.ts";
import { smallSite } from "../support/small-site.ts";

const THEN = new Date(Date.UTC(2026, 0, 2, 3, 4, 5));
const LATER = new Date(THEN.getTime() + 60_000);

/** What is answered to a request with these fields by a page with an entity tag and a date, set in this order. */
function answer(
  headers: Record<string, string>,
  order: readonly ("tag" | "date")[],
  method = "GET",
): readonly [number | undefined, string] {
  const { client } = smallSite((request: Request) => {
    let current = false;
    for (const which of order) {
      current = which === "tag" ? request.setETag('"v1"') : request.setLastModified(THEN);
    }
    return current ? "" : "body";
  });
  const reply = client.request(method, "/", { headers });
  return [reply.status, reply.text];
}

describe("web/validators", () => {
  for (const order of [
    ["tag", "date"],
    ["date", "tag"],
  ] as const) {
    describe(`with the ${order.join(" before the ")}`, () => {
      for (const { headers, status, method = "GET" } of [
        { headers: {}, status: 200 },
        { headers: { "If-None-Match": '"v1"' }, status: 304 },
        { headers: { "If-None-Match": '"v2"' }, status: 200 },
        { headers: { "If-None-Match": '"v1"' }, status: 412, method: "POST" },
        { headers: { "If-Modified-Since": THEN.toUTCString() }, status: 304 },
        { headers: { "If-Modified-Since": new Date(0).toUTCString() }, status: 200 },
        { headers: { "If-Match": '"v2"' }, status: 412 },
        { headers: { "If-Unmodified-Since": new Date(0).toUTCString() }, status: 412 },
        // The tag counts, and the date does not.
        {
          headers: { "If-None-Match": '"v2"', "If-Modified-Since": LATER.toUTCString() },
          status: 200,
        },
      ]) {
        it(`${method} ${JSON.stringify(headers)} is answered ${status}`, () => {
          const fields = Object.fromEntries(
            Object.entries(headers).filter(([, value]) => value !== undefined),
          );
          expect(answer(fields, order, method)).to.deep.equal([
            status,
            status === 200 ? "body" : "",
          ]);
        });
      }
    });
  }

  it("keeps the latest of several dates", () => {
    const { client } = smallSite((request) => {
      request.setLastModified(LATER);
      request.setLastModified(THEN);
      return "";
    });
    expect(client.get("/").headers.get("last-modified")).to.equal(LATER.toUTCString());
  });

  it("begins anew where a Last-Modified of the resource's own is none", () => {
    const { client } = smallSite((request) => {
      request.setHeader("Last-Modified", "yesterday");
      request.setLastModified(THEN);
      return "";
    });
    expect(client.get("/").headers.get("last-modified")).to.equal(THEN.toUTCString());
  });

  for (const tag of ["a", '"a', 'W"a"', '"a"b"', "", '"a b"']) {
    it(`refuses ${JSON.stringify(tag)} for an entity tag`, () => {
      expect(smallSite((request) => String(request.setETag(tag))).client.get("/").status).to.equal(
        500,
      );
    });
  }
});
