import { expect } from "chai";
import { Data } from "../../lib/resources/data.ts";
import { NameVirtualHost } from "../../lib/resources/name-virtual-host.ts";
import { TestClient } from "../../lib/testing/test-client.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";
import { Site } from "../../lib/web/site.ts";

const NAMES = [
  "example.org",
  "Example.ORG:8443",
  "*.example.org",
  "*.deep.example.org",
  "*.example.org:8443",
  "www.example.org.",
  "[2001:DB8:0:0:0:0:0:1]",
  "[::1]:8080",
  "192.0.2.7",
  "bücher.example",
  "plain.example:80",
  "secure.example:443",
];

const named = (): NameVirtualHost => {
  const hosts = new NameVirtualHost();
  for (const name of NAMES) hosts.addHost(name, new Data(name, "text/plain"));
  return hosts;
};

function answer(root: Resource, host: string, headers: Record<string, string> = {}): string {
  const client = new TestClient(new Site(root, { trustedProxies: ["127.0.0.1"] }));
  const { status, text } = client.get("/", { headers: { Host: host, ...headers } });
  return `${status} ${status === 200 ? text : ""}`;
}

describe("resources/name-virtual-host", () => {
  const CASES: readonly (readonly [host: string, expected: string])[] = [
    ["example.org", "200 example.org"],
    ["EXAMPLE.org.", "200 example.org"],
    ["example.org:80", "200 example.org"],
    ["example.org:1234", "200 example.org"],
    ["example.org:8443", "200 Example.ORG:8443"],
    ["example.org.:08443", "200 Example.ORG:8443"],
    ["example.org:", "200 example.org"],
    ["www.example.org", "200 www.example.org."],
    ["www.example.org:8443", "200 www.example.org."],
    ["a.example.org", "200 *.example.org"],
    ["a.b.Example.org.", "200 *.example.org"],
    ["a.example.org:8443", "200 *.example.org:8443"],
    ["a.deep.example.org", "200 *.deep.example.org"],
    ["deep.example.org", "200 *.example.org"],
    [".example.org", "421 "],
    ["*.example.org", "200 *.example.org"],
    ["badexample.org", "421 "],
    ["example.org.evil.test", "421 "],
    ["org", "421 "],
    ["[2001:db8::1]", "200 [2001:DB8:0:0:0:0:0:1]"],
    ["[2001:db8::1]:99", "200 [2001:DB8:0:0:0:0:0:1]"],
    ["[0:0::1]:8080", "200 [::1]:8080"],
    ["[::1]", "421 "],
    ["[v1.x]", "421 "],
    ["192.0.2.7:8080", "200 192.0.2.7"],
    ["xn--bcher-kva.example", "200 bücher.example"],
    ["plain.example", "200 plain.example:80"],
    ["plain.example:81", "421 "],
    ["secure.example", "421 "],
    ["secure.example:443", "200 secure.example:443"],
  ];

  for (const [host, expected] of CASES) {
    it(`${host} is answered ${expected}`, () => {
      expect(answer(named(), host)).to.equal(expected);
    });
  }

  it("answers whatever is not known by the default", () => {
    const hosts = new NameVirtualHost({ default: new Data("default", "text/plain") });
    hosts.addHost("example.org", new Data("example", "text/plain"));
    expect(answer(hosts, "other.test")).to.equal("200 default");
    expect(answer(hosts, "example.org")).to.equal("200 example");
  });

  it("answers a client without a Host by the default", () => {
    for (const [hosts, expected] of [
      [new NameVirtualHost({ default: new Data("default", "text/plain") }), "200"],
      [named(), "421"],
    ] as const) {
      const connection = new TestClient(hosts).connect();
      connection.write("GET / HTTP/1.0\r\n\r\n");
      expect(connection.text).to.match(new RegExp(`^HTTP/1.1 ${expected} `));
    }
  });

  it("does not repeat a host that it does not know", () => {
    const reply = new TestClient(named()).get("/", { headers: { Host: "evil-4711.test" } });
    expect([reply.status, reply.text.includes("4711")]).to.deep.equal([421, false]);
    expect([...reply.headers].join("\n")).not.to.include("4711");
  });

  it("believes a trusted proxy, and takes 443 where that says https", () => {
    const forwarded = { Forwarded: "for=192.0.2.1;host=secure.example;proto=https" };
    expect(answer(named(), "example.org", forwarded)).to.equal("200 secure.example:443");
  });

  it("replaces and removes hosts by any spelling of their names", () => {
    const hosts = named().addHost("EXAMPLE.org.", new Data("another", "text/plain"));
    expect(answer(hosts, "example.org")).to.equal("200 another");
    expect([hosts.removeHost("Example.org"), hosts.removeHost("example.org")]).to.deep.equal([
      true,
      false,
    ]);
    expect(answer(hosts, "example.org")).to.equal("421 ");
  });

  it("leaves the path to the tree of the host", () => {
    class Here extends Resource {
      override render_GET(request: Request): string {
        return request.prepath.join(",");
      }
    }
    const tree = new Resource().putChild("a", new Resource().putChild("b", new Here()));
    const client = new TestClient(new NameVirtualHost().addHost("example.org", tree));
    expect(client.get("/a/b", { headers: { Host: "example.org" } }).text).to.equal("a,b");
    expect(client.get("/a/c", { headers: { Host: "example.org" } }).status).to.equal(404);
  });

  for (const name of [
    "",
    ".",
    "*",
    "*.",
    "a/b",
    "ä/b",
    "a b",
    "*.*.org",
    "a.*.org",
    ".example.org",
    "[::1",
    "[::g]",
    "[::1]/x",
    "*.[::1]",
    "example.org:port",
    "example.org:65536",
    "http://example.org",
  ]) {
    it(`refuses ${JSON.stringify(name)} for a name`, () => {
      expect(() => new NameVirtualHost().addHost(name, new Resource())).to.throw(
        TypeError,
        "is not the name of a host",
      );
    });
  }
});
