import { expect } from "chai";
import { Data } from "../../lib/resources/data.ts";
import {
  DEFAULT_SECURITY_HEADERS,
  SecurityHeaders,
  type SecurityHeadersOptions,
} from "../../lib/resources/security-headers.ts";
import { TestClient } from "../../lib/testing/test-client.ts";
import { logTo } from "../../lib/web/log.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";
import { Site } from "../../lib/web/site.ts";

class Page extends Resource {
  override render_GET(request: Request): string {
    request.setHeader("Content-Security-Policy", "default-src 'none'");
    return "page";
  }

  override render_POST(): string {
    throw new Error("broken");
  }

  override render_PUT(request: Request): string {
    request.write("piece");
    request.finish();
    return "";
  }
}

const HSTS = "strict-transport-security";
const names = (all: Iterable<readonly [string, string]>): string[] =>
  [...all].map(([name]) => name.toLowerCase()).toSorted();

function clientOf(root: Resource, options?: SecurityHeadersOptions): TestClient {
  const wrapped = new SecurityHeaders(root, options);
  const site = { log: logTo(() => undefined), trustedProxies: ["127.0.0.1"] };
  return new TestClient(new Site(wrapped, site));
}

const tree = (): Resource => new Data("a", "text/plain").putChild("page", new Page());

describe("resources/security-headers", () => {
  const CASES: readonly (readonly [method: string, path: string, status: number])[] = [
    ["GET", "/", 200],
    ["HEAD", "/", 200],
    ["GET", "/nowhere", 404],
    ["PUT", "/page", 200],
    ["POST", "/page", 500],
    ["DELETE", "/", 405],
    ["OPTIONS", "/", 204],
  ];

  for (const [method, path, status] of CASES) {
    it(`adds its fields to the ${status} of ${method} ${path}`, () => {
      const reply = clientOf(tree()).request(method, path);
      expect(reply.status).to.equal(status);
      for (const [name, value] of Object.entries(DEFAULT_SECURITY_HEADERS)) {
        const expected = name.toLowerCase() === HSTS ? null : value;
        expect(reply.headers.get(name), name).to.equal(expected);
      }
    });
  }

  it("adds them to a 304", () => {
    const client = clientOf(tree());
    const etag = client.get("/").headers.get("etag") ?? "";
    const reply = client.get("/", { headers: { "If-None-Match": etag } });
    expect([reply.status, reply.headers.get("x-frame-options")]).to.deep.equal([304, "SAMEORIGIN"]);
  });

  it("speaks of TLS over TLS alone", () => {
    const forwarded = { Forwarded: "for=192.0.2.1;proto=https" };
    const reply = clientOf(tree()).get("/", { headers: forwarded });
    expect(reply.headers.get(HSTS)).to.equal("max-age=31536000");
  });

  it("leaves alone what the resource says itself", () => {
    const { headers } = clientOf(tree()).get("/page");
    expect(headers.get("content-security-policy")).to.equal("default-src 'none'");
    expect(headers.get("x-frame-options")).to.equal("SAMEORIGIN");
  });

  it("leaves out, replaces and adds what it is told to, in any case of letters", () => {
    const options = {
      "x-frame-options": false,
      "referrer-policy": "no-referrer",
      "Permissions-Policy": "camera=()",
    } as const;
    const { headers } = clientOf(tree(), options).get("/");
    expect(headers.get("x-frame-options")).to.equal(null);
    expect(headers.get("referrer-policy")).to.equal("no-referrer");
    expect(headers.get("permissions-policy")).to.equal("camera=()");
    expect(headers.get("x-content-type-options")).to.equal("nosniff");
  });

  it("adds nothing where all are off", () => {
    const off = Object.fromEntries(
      Object.keys(DEFAULT_SECURITY_HEADERS).map((name) => [name, false] as const),
    );
    const plain = new TestClient(tree()).get("/");
    expect(names(clientOf(tree(), off).get("/").headers)).to.deep.equal(names(plain.headers));
  });

  it("lets an inner one have its way", () => {
    const inner = new SecurityHeaders(tree(), { "X-Frame-Options": "DENY" });
    const { headers } = clientOf(inner).get("/");
    expect(headers.get("x-frame-options")).to.equal("DENY");
  });

  it("refuses what no field may have", () => {
    expect(() => clientOf(tree(), { "X-A": "b\r\nc" })).to.throw(TypeError);
    expect(() => clientOf(tree(), { "X A": "b" })).to.throw(TypeError);
  });
});
