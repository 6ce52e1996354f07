import { expect } from "chai";
import { CrossOriginProtection } from "../../lib/resources/cross-origin-protection.ts";
import { TestClient } from "../../lib/testing/test-client.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";

class Any extends Resource {
  override isLeaf = true;

  override render(): string {
    return "done";
  }
}

class FormPage extends Resource {
  override async render_POST(request: Request): Promise<string> {
    return (await request.form()).get("a") as string;
  }
}

interface Case {
  readonly method?: string;
  readonly path?: string;
  readonly site?: string;
  readonly origin?: string;
  readonly status: number;
}

const CASES: readonly Case[] = [
  { status: 200 },
  { site: "same-origin", status: 200 },
  { site: "none", status: 200 },
  { site: "cross-site", status: 403 },
  { site: "same-site", status: 403 },
  { site: "odd", status: 403 },
  { site: "", status: 403 },
  { origin: "http://example.org", status: 200 },
  { origin: "https://example.org", status: 200 },
  { origin: "https://example.org:8443", status: 403 },
  { origin: "http://evil.test", status: 403 },
  { origin: "null", status: 403 },
  { origin: "", status: 403 },
  { site: "same-origin", origin: "http://evil.test", status: 200 },
  { site: "cross-site", origin: "http://example.org", status: 403 },
  { site: "cross-site", origin: "https://trusted.test", status: 200 },
  { origin: "https://trusted.test", status: 200 },
  { origin: "https://trusted.test:8443", status: 403 },
  { origin: "https://trusted.test.evil.test", status: 403 },
  { origin: "https://a.trusted.test", status: 403 },
  { method: "GET", site: "cross-site", status: 200 },
  { method: "HEAD", site: "cross-site", status: 200 },
  { method: "OPTIONS", origin: "http://evil.test", status: 200 },
  { method: "PUT", site: "cross-site", status: 403 },
  { method: "DELETE", origin: "http://evil.test", status: 403 },
  { method: "PURGE", site: "cross-site", status: 403 },
  { method: "get", site: "cross-site", status: 403 },
  { path: "/hook", site: "cross-site", status: 200 },
  { path: "/hook?a=b", site: "cross-site", status: 200 },
  { path: "/hook/", site: "cross-site", status: 403 },
  { path: "/hook/below", site: "cross-site", status: 403 },
  { path: "//hook", site: "cross-site", status: 403 },
  { path: "/%68ook", site: "cross-site", status: 403 },
  { path: "/Hook", site: "cross-site", status: 403 },
  { path: "/x/../hook", site: "cross-site", status: 403 },
];

function client(wrapped: Resource = new Any()): TestClient {
  const trustedOrigins = ["https://trusted.test"];
  return new TestClient(new CrossOriginProtection(wrapped, { trustedOrigins, bypass: ["/hook"] }));
}

function fieldsOf({ site, origin }: Case): Record<string, string> {
  return {
    Host: "example.org",
    ...(site === undefined ? {} : { "Sec-Fetch-Site": site }),
    ...(origin === undefined ? {} : { Origin: origin }),
  };
}

describe("resources/cross-origin-protection", () => {
  for (const one of CASES) {
    const { method = "POST", path = "/", status, ...from } = one;
    it(`${method} ${path} from ${JSON.stringify(from)} is answered ${status}`, () => {
      expect(client().request(method, path, { headers: fieldsOf(one) }).status).to.equal(status);
    });
  }

  it("says why, and nothing of the request", () => {
    const headers = fieldsOf({ origin: "http://evil-4711.test", status: 403 });
    const { text } = client().post("/", { headers });
    expect(text).to.include("from another site").and.not.include("4711");
  });

  it("sets the rule for forms too, which a bypass is free of", async () => {
    const form = new FormPage().putChild("hook", new FormPage());
    const headers = {
      Host: "example.org",
      "Content-Type": "application/x-www-form-urlencoded",
      Origin: "https://trusted.test",
    };
    const trusted = await client(form).post("/", { headers, body: "a=b" });
    expect([trusted.status, trusted.text]).to.deep.equal([200, "b"]);
    const hook = await client(form).post("/hook", {
      headers: { ...headers, Origin: "http://evil.test" },
      body: "a=c",
    });
    expect([hook.status, hook.text]).to.deep.equal([200, "c"]);
  });

  it("lets the pages of its own site come without options", () => {
    const own = new TestClient(new CrossOriginProtection(new Any()));
    const headers = { Host: "example.org", Origin: "http://example.org" };
    expect(own.post("/", { headers }).status).to.equal(200);
  });

  for (const path of ["", "hook", "/hook?a", "/hook#a", "/hook/*"]) {
    it(`refuses to pass by ${JSON.stringify(path)}`, () => {
      const options = { bypass: [path] };
      expect(() => new CrossOriginProtection(new Any(), options)).to.throw(TypeError, "not a path");
    });
  }

  it("refuses to trust what is no origin", () => {
    const options = { trustedOrigins: ["https://*.trusted.test"] };
    expect(() => new CrossOriginProtection(new Any(), options)).to.throw(
      TypeError,
      "not an origin",
    );
  });
});
