import { expect } from "chai";
import { NOT_DONE_YET } from "../../lib/web/body.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";
import { Site, type SiteOptions } from "../../lib/web/site.ts";
import { smallSite, turn } from "../support/small-site.ts";

const hello = (): string => "hello";
const boom = (): never => {
  throw new Error("boom");
};

const errorPage: SiteOptions["errorPage"] = ({ status }) => `é ${status}`;
const whence = (request: Request): string =>
  `${request.client.family} ${request.client.host} ${String(request.isSecure)} ${request.authority}`;

/** Sets NODE_ENV while `call` runs. */
function inEnvironment(value: string, call: () => void): void {
  const before = process.env["NODE_ENV"];
  process.env["NODE_ENV"] = value;
  try {
    call();
  } finally {
    if (before === undefined) delete process.env["NODE_ENV"];
    else process.env["NODE_ENV"] = before;
  }
}

describe("web/site", () => {
  describe("the access log", () => {
    it("has a record of each request when it is over, whichever way", () => {
      const { client, clock, records, requests } = smallSite(
        (request) => {
          if (request.path === "/boom") return boom();
          if (request.path === "/part") request.write("part");
          return request.path === "/ok" ? "fine" : NOT_DONE_YET;
        },
        { wallClock: () => 1_000_000 },
      );
      client.get("/ok?a=b", { headers: { Referer: "/before", "User-Agent": "spec" } });
      client.get("/boom");
      const left = client.get("/left");
      const part = client.get("/part");
      clock.advance(1_500);
      left.disconnect();
      part.reset();
      expect(
        records.map(({ outcome, status, uri, bytes }) => [outcome, status, uri, bytes === 0]),
      ).to.deep.equal([
        ["finished", 200, "/ok?a=b", false],
        ["error", 500, "/boom", false],
        ["aborted", 499, "/left", true],
        ["aborted", 200, "/part", false],
      ]);
      expect(records[0]).to.deep.equal({
        id: requests[0]?.id,
        time: 1_000_000,
        client: "127.0.0.1",
        user: "",
        method: "GET",
        uri: "/ok?a=b",
        version: "HTTP/1.1",
        status: 200,
        bytes: 4,
        durationMs: 0,
        outcome: "finished",
        referer: "/before",
        userAgent: "spec",
      });
      expect(records[2]?.durationMs).to.equal(1_500);
    });

    it("that throws harms no request, and is logged", () => {
      const { client, troubles } = smallSite(hello, { accessLog: boom });
      expect(client.get("/").text).to.equal("hello");
      expect(troubles()).to.deep.equal(["the access log failed"]);
    });

    it("is no duty", () => {
      const site = new Site(new Resource(), {
        log: { debug() {}, info() {}, warn() {}, error() {} },
      });
      expect(site.connections).to.equal(0);
    });
  });

  it("bears a log that throws", () => {
    const throwing = { debug: boom, info: boom, warn: boom, error: boom };
    const written: string[] = [];
    const write = process.stderr.write.bind(process.stderr);
    process.stderr.write = (text: string) => written.push(text) > 0;
    try {
      const { client } = smallSite(boom, { log: throwing });
      expect(client.get("/").status).to.equal(500);
    } finally {
      process.stderr.write = write;
    }
    expect(written.join("")).to.include("the log failed").and.to.include("boom");
  });

  describe("error pages (E1)", () => {
    it("say the status and what the resource said, and nothing of the request", () => {
      const { client } = smallSite(boom);
      const reply = client.get("/%3Cscript%3E", { headers: { "X-A": "<i>" } });
      expect(reply.status).to.equal(500);
      expect(reply.text).to.include("<h1>500 Internal Server Error</h1>");
      expect(reply.text).to.not.match(/<script|<b>|<i>|boom|localhost|weftline/i);
      expect(reply.headers.get("content-type")).to.equal("text/html; charset=utf-8");
      expect(reply.headers.get("server")).to.equal(null);
    });

    it("show the trace where that is asked for, escaped", () => {
      const { client } = smallSite(
        () => {
          throw new Error("<boom>");
        },
        { displayTracebacks: true },
      );
      expect(client.get("/").text).to.include("Error: &lt;boom&gt;").and.to.include("site.spec.ts");
    });

    it("never show it in production", () => {
      inEnvironment("production", () => {
        expect(() => new Site(new Resource(), { displayTracebacks: true })).to.throw(
          TypeError,
          /production/,
        );
        expect(() => new Site(new Resource(), { displayTracebacks: false })).to.not.throw();
      });
    });

    it("never show it to other machines", async () => {
      const site = new Site(new Resource(), { displayTracebacks: true });
      const failure: unknown = await site
        .listen("tcp:0:interface=0.0.0.0")
        .catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(TypeError);
      expect((failure as Error).message).to.match(/open to them/);
      const listener = await site.listen("tcp:0:interface=127.0.0.1");
      await listener.close();
    });

    it("may be the program's own, for refusals too, in UTF-8", () => {
      const { client } = smallSite(boom, { errorPage });
      expect(client.get("/").text).to.equal("é 500");
      const connection = client.connect();
      connection.write("bad\r\n\r\n");
      expect(connection.text).to.match(/Content-Length: 6\r\n[^]*\r\n\r\né 400$/);
    });

    it("are the stock ones where the program's own fail", () => {
      for (const page of [boom, () => undefined as unknown as string]) {
        const { client, troubles } = smallSite(boom, { errorPage: page });
        expect(client.get("/").text).to.include("<h1>500 Internal Server Error</h1>");
        const connection = client.connect();
        connection.write("bad\r\n\r\n");
        expect(connection.text).to.include("<h1>400 Bad Request</h1>");
        expect(
          troubles().filter((message) => message === "an error in the page of an error"),
        ).to.have.length(2);
      }
    });
  });

  describe("Date and Server", () => {
    it("are in every answer, also in refusals; Date follows the wall clock wherever it jumps (R9)", () => {
      let now = Date.UTC(2030, 0, 2, 3, 4, 5);
      const { client } = smallSite(hello, { serverHeader: "spec", wallClock: () => now });
      const connection = client.connect();
      const dateOf = (): string | undefined =>
        /Date: (.*)\r\nServer: spec\r\n[^]*$/.exec(
          connection.text.slice(connection.text.lastIndexOf("HTTP/1.1 ")),
        )?.[1];
      connection.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      expect(dateOf()).to.equal("Wed, 02 Jan 2030 03:04:05 GMT");
      now -= 86_400_000;
      connection.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      expect(dateOf()).to.equal("Tue, 01 Jan 2030 03:04:05 GMT");
      now += 999;
      connection.write("bad\r\n\r\n");
      expect(dateOf()).to.equal("Tue, 01 Jan 2030 03:04:05 GMT");
    });

    it("a Server that could not be sent is a mistake at once", () => {
      expect(() => new Site(new Resource(), { serverHeader: "a\r\nb" })).to.throw(TypeError);
    });
  });

  describe("accept", () => {
    it("turns away whom it says, before a byte is read, without a word", () => {
      const { client, records, site } = smallSite(hello, {
        accept: ({ host }) => host !== "192.0.2.1",
      });
      const connection = client.connect({ client: "192.0.2.1" });
      connection.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      expect([connection.text, connection.failure === undefined]).to.deep.equal(["", false]);
      expect([records.length, site.connections]).to.deep.equal([0, 0]);
      expect(client.get("/", { client: "192.0.2.2" }).text).to.equal("hello");
    });

    it("that throws is a no, and logged", () => {
      const { client, troubles } = smallSite(hello, { accept: boom });
      const connection = client.connect();
      expect([connection.closed, troubles()]).to.deep.equal([
        true,
        ["accept failed, which is a no"],
      ]);
    });
  });

  describe("trustedProxies", () => {
    const headers = {
      "X-Forwarded-For": "198.51.100.7",
      "X-Forwarded-Proto": "https",
      "X-Forwarded-Host": "real.test",
    };

    it("are believed, and nobody else", () => {
      const { client, records } = smallSite(whence, { trustedProxies: ["10.0.0.0/8"] });
      expect(client.get("/", { headers, client: "10.1.2.3" }).text).to.equal(
        "IPv4 198.51.100.7 true real.test",
      );
      expect(client.get("/", { headers, client: "192.0.2.1" }).text).to.equal(
        "IPv4 192.0.2.1 false localhost",
      );
      expect(records.map((record) => record.client)).to.deep.equal(["198.51.100.7", "192.0.2.1"]);
    });

    it("may say what is no news, or nothing of use", () => {
      const { client } = smallSite(whence, { trustedProxies: ["127.0.0.1", "::1"] });
      expect(client.get("/", { headers: { "X-Forwarded-Proto": "http" } }).text).to.equal(
        "IPv4 127.0.0.1 false localhost",
      );
      expect(client.get("/", { headers: { Forwarded: "for=unknown" } }).text).to.equal(
        "IPv4 127.0.0.1 false localhost",
      );
      expect(client.get("/", { headers: { Forwarded: 'for="[2001:db8::1]"' } }).text).to.equal(
        "IPv6 2001:db8::1 false localhost",
      );
    });

    it("may come by a unix socket", () => {
      const { client } = smallSite(whence, { trustedProxies: ["unix"] });
      const unix = { family: "unix", host: "", port: 0 } as const;
      expect(client.get("/", { headers, client: unix }).text).to.equal(
        "IPv4 198.51.100.7 true real.test",
      );
    });

    it("that are no addresses are a mistake at once", () => {
      expect(() => new Site(new Resource(), { trustedProxies: ["proxy.test"] })).to.throw(
        TypeError,
        /proxy\.test/,
      );
    });
  });

  describe("limits and timeouts", () => {
    it("of 0 are off", () => {
      const site = new Site(new Resource(), {
        limits: { bodyBytes: 0 },
        timeouts: { writeTimeout: 0 },
      });
      expect([site.limits.bodyBytes, site.timeouts.writeTimeout]).to.deep.equal([
        Infinity,
        Infinity,
      ]);
      expect(site.timeouts.keepAliveTimeout).to.equal(65_000);
    });

    for (const [name, limits] of [
      ["a negative one", { bodyBytes: -1 }],
      ["one that is no number", { bodyBytes: Number.NaN }],
      ["a text", { bodyBytes: "1 MiB" }],
      ["an unknown one", { bodybytes: 1 }],
    ] as const) {
      it(`refuse ${name}, by name`, () => {
        expect(
          () => new Site(new Resource(), { limits: limits as NonNullable<SiteOptions["limits"]> }),
        ).to.throw(TypeError, /body/i);
      });
    }

    it("take undefined for nothing said", () => {
      const limits = { bodyBytes: undefined } as unknown as NonNullable<SiteOptions["limits"]>;
      expect(new Site(new Resource(), { limits }).limits.bodyBytes).to.equal(16_777_216);
    });
  });

  it("reports of the carrier name the request where there is one", async () => {
    const { client, lines } = smallSite((request) => {
      request.setHeader("Content-Length", "1");
      return "ab";
    });
    client.get("/a?secret=b");
    await turn();
    expect(lines.map(({ level, about }) => [level, about["path"], about["id"]])).to.deep.equal([
      ["warn", "/a", "000001"],
    ]);
  });
});
