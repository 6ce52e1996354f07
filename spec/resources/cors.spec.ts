import { expect } from "chai";
import { Cors, type CorsOptions } from "../../lib/resources/cors.ts";
import { Data } from "../../lib/resources/data.ts";
import { TestClient } from "../../lib/testing/test-client.ts";
import type { TestReply } from "../../lib/testing/test-reply.ts";
import { HttpError } from "../../lib/web/http-error.ts";
import { logTo } from "../../lib/web/log.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";
import { Site } from "../../lib/web/site.ts";

class Api extends Resource {
  rendered = 0;

  override render_GET(request: Request): string {
    this.rendered += 1;
    request.setHeader("Vary", "Accept");
    return "data";
  }

  override render_PUT(): string {
    this.rendered += 1;
    throw new Error("broken");
  }

  override render_OPTIONS(): string {
    this.rendered += 1;
    return "options";
  }

  override async getChild(name: string): Promise<Resource> {
    if (name === "refused") throw new HttpError(401);
    if (name === "broken") throw new Error("broken");
    return Promise.resolve(new Data("child", "text/plain"));
  }
}

/** Refuses whoever comes by it, and renders by itself. */
class Closed extends Resource {
  override render(): string {
    throw new HttpError(401);
  }

  override getChild(name: string): Resource {
    throw name === "broken" ? new Error("broken") : new HttpError(401);
  }
}

const ORIGIN = "https://app.test";
const LISTED: CorsOptions = { origins: [ORIGIN, "http://localhost:3000"] };

function clientOf(options: CorsOptions, api: Resource = new Api()): TestClient {
  const root = new Resource().putChild("api", api).putChild("closed", new Closed());
  return new TestClient(new Site(new Cors(root, options), { log: logTo(() => undefined) }));
}

function preflight(
  options: CorsOptions,
  path = "/api",
  fields: Record<string, string> = {},
): TestReply {
  const headers = { Origin: ORIGIN, "Access-Control-Request-Method": "PUT", ...fields };
  return clientOf(options).request("OPTIONS", path, { headers });
}

/** The fields of CORS, and Vary. */
function saidBy({ headers }: TestReply): Record<string, string> {
  const said = [...headers].filter(([name]) => /^(?:access-control-.*|vary)$/i.test(name));
  return Object.fromEntries(
    said.map(([name, value]) => [name.toLowerCase().replace("access-control-", ""), value]),
  );
}

describe("resources/cors", () => {
  const CASES: readonly (readonly [
    title: string,
    options: CorsOptions,
    origin: string | undefined,
    said: Record<string, string>,
  ])[] = [
    ["a listed origin", LISTED, ORIGIN, { "allow-origin": ORIGIN, vary: "Accept, Origin" }],
    ["another", LISTED, "https://evil.test", { vary: "Accept, Origin" }],
    ["one that begins alike", LISTED, `${ORIGIN}.evil.test`, { vary: "Accept, Origin" }],
    ["another port", LISTED, `${ORIGIN}:8443`, { vary: "Accept, Origin" }],
    ["the null origin", LISTED, "null", { vary: "Accept, Origin" }],
    ["no origin", LISTED, undefined, { vary: "Accept, Origin" }],
    ["any, by all", { origins: "*" }, "https://x.test", { "allow-origin": "*", vary: "Accept" }],
    ["none, by all", { origins: "*" }, undefined, { "allow-origin": "*", vary: "Accept" }],
    [
      "one that a function accepts",
      { origins: (origin) => origin.endsWith(".test") },
      "https://x.test",
      { "allow-origin": "https://x.test", vary: "Accept, Origin" },
    ],
    ["one that a function refuses", { origins: () => false }, ORIGIN, { vary: "Accept, Origin" }],
    [
      "one with credentials and more fields",
      { ...LISTED, credentials: true, exposedHeaders: ["ETag", "X-Total"] },
      ORIGIN,
      {
        "allow-origin": ORIGIN,
        "allow-credentials": "true",
        "expose-headers": "ETag, X-Total",
        vary: "Accept, Origin",
      },
    ],
  ];

  for (const [title, options, origin, said] of CASES) {
    it(`says to ${title} ${JSON.stringify(said)}`, () => {
      const headers = origin === undefined ? {} : { Origin: origin };
      const reply = clientOf(options).get("/api", { headers });
      expect([reply.status, reply.text]).to.deep.equal([200, "data"]);
      expect(saidBy(reply)).to.deep.equal(said);
    });
  }

  for (const [method, path, status] of [
    ["GET", "/nowhere", 404],
    ["PUT", "/api", 500],
    ["DELETE", "/api", 405],
    ["GET", "/closed", 401],
  ] as const) {
    it(`lets pages read the ${status} of ${method} ${path}`, () => {
      const reply = clientOf(LISTED).request(method, path, { headers: { Origin: ORIGIN } });
      expect(reply.status).to.equal(status);
      expect(saidBy(reply)).to.deep.equal({ "allow-origin": ORIGIN, vary: "Origin" });
    });
  }

  it("gives the function the request", () => {
    const asked: string[] = [];
    const origins = (origin: string, request: Request): boolean => {
      asked.push(`${origin} ${request.path}`);
      return true;
    };
    clientOf({ origins }).get("/api", { headers: { Origin: ORIGIN } });
    expect(asked).to.deep.equal([`${ORIGIN} /api`]);
  });

  describe("asked beforehand", () => {
    const VARY = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

    it("answers 204 with the methods of the resource, without rendering", () => {
      const api = new Api();
      const reply = clientOf(LISTED, api).request("OPTIONS", "/api", {
        headers: { Origin: ORIGIN, "Access-Control-Request-Method": "PUT" },
      });
      expect([reply.status, reply.text, api.rendered]).to.deep.equal([204, "", 0]);
      expect(saidBy(reply)).to.deep.equal({
        "allow-origin": ORIGIN,
        "allow-methods": "GET, HEAD, OPTIONS, PUT",
        vary: VARY,
      });
    });

    it("allows what is asked for, unless told otherwise, and says for how long", () => {
      const asked = { "Access-Control-Request-Headers": "content-type, x-token" };
      expect(saidBy(preflight(LISTED, "/api", asked))["allow-headers"]).to.equal(
        "content-type, x-token",
      );
      const options: CorsOptions = {
        origins: [ORIGIN],
        credentials: true,
        methods: ["PUT"],
        allowedHeaders: ["X-Token"],
        exposedHeaders: ["ETag"],
        maxAgeMs: 600_999,
      };
      expect(saidBy(preflight(options, "/api", asked))).to.deep.equal({
        "allow-origin": ORIGIN,
        "allow-credentials": "true",
        "allow-methods": "PUT",
        "allow-headers": "X-Token",
        "max-age": "600",
        vary: VARY,
      });
    });

    it("allows nothing to another origin", () => {
      const reply = preflight(LISTED, "/api", { Origin: "https://evil.test" });
      expect([reply.status, saidBy(reply)]).to.deep.equal([204, { vary: VARY }]);
    });

    it("allows everything to all without naming them", () => {
      expect(saidBy(preflight({ origins: "*" }))).to.deep.equal({
        "allow-origin": "*",
        "allow-methods": "GET, HEAD, OPTIONS, PUT",
        vary: "Access-Control-Request-Method, Access-Control-Request-Headers",
      });
    });

    it("has a child that is promised tell its methods", async () => {
      const reply = preflight(LISTED, "/api/child");
      await reply;
      expect(saidBy(reply)["allow-methods"]).to.equal("GET, HEAD, OPTIONS");
    });

    for (const path of ["/closed", "/closed/below", "/api/refused", "/nowhere"]) {
      it(`allows the method asked for where nobody tells: ${path}`, async () => {
        const reply = preflight(LISTED, path);
        await reply;
        expect([reply.status, saidBy(reply)["allow-methods"]]).to.deep.equal([204, "PUT"]);
      });
    }

    it("does not repeat a method that is none", () => {
      const reply = preflight(LISTED, "/closed", { "Access-Control-Request-Method": "PUT, x y" });
      expect([reply.status, saidBy(reply)["allow-methods"]]).to.deep.equal([204, ""]);
    });

    for (const path of ["/closed/broken", "/api/broken"]) {
      it(`answers 500 where the lookup fails: ${path}`, async () => {
        expect((await preflight(LISTED, path)).status).to.equal(500);
      });
    }

    it("says nothing to a client that has left meanwhile", async () => {
      const reply = preflight(LISTED, "/api/child");
      reply.disconnect();
      await Promise.resolve();
      await Promise.resolve();
      expect(reply.status).to.equal(undefined);
    });

    it("takes an OPTIONS without its two fields for what it is", () => {
      const client = clientOf(LISTED);
      const plain = client.request("OPTIONS", "/api", { headers: { Origin: ORIGIN } });
      expect([plain.status, plain.text]).to.deep.equal([200, "options"]);
      const asking = { "Access-Control-Request-Method": "PUT" };
      expect(client.request("OPTIONS", "/api", { headers: asking }).text).to.equal("options");
    });
  });

  for (const origins of [
    ["*"],
    ["null"],
    ["app.test"],
    ["https://app.test/"],
    ["https://*.test"],
  ]) {
    it(`refuses ${JSON.stringify(origins)} for origins`, () => {
      expect(() => new Cors(new Api(), { origins })).to.throw(TypeError, "is not an origin");
    });
  }

  it("refuses credentials for all, and odd times", () => {
    expect(() => new Cors(new Api(), { origins: "*", credentials: true })).to.throw(TypeError);
    expect(() => new Cors(new Api(), { origins: "*", maxAgeMs: -1 })).to.throw(RangeError);
    expect(() => new Cors(new Api(), { origins: "*", maxAgeMs: Number.NaN })).to.throw(RangeError);
  });
});
