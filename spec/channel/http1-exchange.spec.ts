import { expect } from "chai";
import type { Address } from "../../lib/channel/address.ts";
import type { Exchange, ResponseHead } from "../../lib/channel/exchange.ts";
import { type Http1Connection, Http1Exchange } from "../../lib/channel/http1-exchange.ts";
import { Headers } from "../../lib/http/headers.ts";
import { ProtocolError } from "../../lib/http/protocol-error.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { TestClient } from "../../lib/testing/test-client.ts";
import { NOT_DONE_YET } from "../../lib/web/body.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";
import { Site } from "../../lib/web/site.ts";
import { smallSite, turn } from "../support/small-site.ts";

const OK = (): ResponseHead => ({ status: 200, reason: "", headers: new Headers() });

/** A client of a site that is nothing but this. */
function handledBy(handle: (exchange: Exchange) => void): TestClient {
  class Bare extends Site {
    override handle(exchange: Exchange): void {
      exchange.attach({
        bodyReady: nothing,
        caughtUp: nothing,
        handedOver: nothing,
        lost: nothing,
      });
      handle(exchange);
    }
  }
  return new TestClient(new Bare(new Resource(), { clock: new FakeClock() }));
}

const get = (method = "GET", more = ""): string => `${method} / HTTP/1.1\r\nHost: a\r\n${more}\r\n`;

/** Everything that comes over the wire for one request by each of the ways to answer with `body`. */
function onTheWire(
  prepare: (request: Request) => void,
  body: string | Uint8Array,
  { method = "GET", inPieces = false } = {},
): { readonly text: string; readonly closed: boolean; readonly troubles: string[] } {
  const { client, troubles } = smallSite((request) => {
    prepare(request);
    if (!inPieces) return body;
    request.write(body.slice(0, 1));
    request.write(body.slice(1));
    request.finish();
    return NOT_DONE_YET;
  });
  const connection = client.connect();
  connection.write(get(method));
  const { text, closed } = connection;
  connection.close();
  return { text, closed, troubles: troubles() };
}

const nothing = (): void => undefined;
const promise =
  (length: string) =>
  (request: Request): void => {
    request.setHeader("Content-Length", length);
  };

describe("channel/http1-exchange", () => {
  describe("the length of a body", () => {
    it("is told where it is known, in bytes", () => {
      for (const [body, length] of [
        ["", 0],
        ["abc", 3],
        ["é€😀", 9],
        [Buffer.from("é"), 2],
        ["é".repeat(5_000), 10_000],
        ["x".repeat(100_000), 100_000],
        [Buffer.alloc(100_000, "x"), 100_000],
      ] as const) {
        const { text } = onTheWire(nothing, body);
        expect(text).to.include(`\r\nContent-Length: ${length}\r\n`);
        expect(Buffer.from(text.slice(text.indexOf("\r\n\r\n") + 4))).to.have.length(length);
      }
    });

    it("is not told of what is written piece by piece: chunks, an empty piece none", () => {
      const { text, closed } = onTheWire(
        (request) => {
          request.write("");
          request.write("é");
        },
        "bc",
        { inPieces: true },
      );
      expect(text).to.include("Transfer-Encoding: chunked").and.to.not.include("Content-Length");
      expect(text).to.match(/\r\n\r\n2\r\né\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n$/);
      expect(closed).to.equal(false);
    });

    it("may be promised, and is held: pieces without chunks", () => {
      const { text, closed } = onTheWire(promise("3"), "abc", { inPieces: true });
      expect(text).to.match(/Content-Length: 3\r\n[^]*\r\n\r\nabc$/);
      expect(text).to.not.include("chunked");
      expect(closed).to.equal(false);
    });
  });

  describe("a promised length that is missed (D9)", () => {
    for (const inPieces of [false, true]) {
      const how = inPieces ? "in pieces" : "whole";
      it(`by one byte more is cut, and warned of: ${how}`, () => {
        const { text, closed, troubles } = onTheWire(promise("2"), "abc", { inPieces });
        expect(text).to.match(/\r\n\r\nab$/);
        expect(closed).to.equal(false);
        expect(troubles).to.deep.equal([
          "the body is longer than its Content-Length by at least 1 bytes",
        ]);
      });

      it(`by one byte less resets, and is warned of: ${how}`, () => {
        const { closed, troubles } = onTheWire(promise("4"), "abc", { inPieces });
        expect(closed).to.equal(true);
        expect(troubles).to.deep.equal(["the body is 1 bytes shorter than its Content-Length"]);
      });
    }

    it("is logged as an error of the program", () => {
      const { client, records } = smallSite((request) => {
        request.setHeader("Content-Length", "4");
        return "abc";
      });
      expect(client.get("/").done).to.equal(false);
      expect(records[0]).to.include({ outcome: "error", status: 200 });
    });

    it("by everything that follows, is cut to nothing", () => {
      const { client, requests } = smallSite(() => NOT_DONE_YET);
      const connection = client.connect();
      connection.write(get());
      const [request] = requests;
      request?.setHeader("Content-Length", "2");
      request?.write("ab");
      request?.write("cd");
      request?.write(Buffer.from("ef"));
      request?.finish();
      expect(connection.text).to.match(/\r\n\r\nab$/);
      connection.close();
    });
  });

  describe("a response without a body (D9)", () => {
    for (const { title, status, method, length } of [
      { title: "HEAD", status: 200, method: "HEAD", length: "3" },
      { title: "204", status: 204, method: "GET", length: undefined },
      { title: "304", status: 304, method: "GET", length: undefined },
      { title: "205", status: 205, method: "GET", length: "0" },
    ]) {
      for (const inPieces of [false, true]) {
        it(`${title} sends none, ${inPieces ? "in pieces" : "whole"}`, () => {
          const { text, closed } = onTheWire((request) => request.setResponseCode(status), "abc", {
            method,
            inPieces,
          });
          expect(text)
            .to.match(/\r\n\r\n$/)
            .and.to.not.include("chunked");
          expect(text.match(/\r\n\r\n/g)).to.have.length(1);
          const [, told] = /Content-Length: (\d+)/.exec(text) ?? [];
          expect(told).to.equal(inPieces && title === "HEAD" ? undefined : length);
          expect(closed).to.equal(false);
        });
      }
    }

    it("may promise to HEAD what GET would have", () => {
      const { text, closed } = onTheWire(promise("1000"), "", { method: "HEAD" });
      expect(text).to.include("Content-Length: 1000\r\n");
      expect(closed).to.equal(false);
    });

    it("of HEAD that is refused has none either", () => {
      const { client, requests } = smallSite((request) => request.text());
      const connection = client.connect();
      connection.write(`HEAD / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz`);
      expect(connection.text).to.match(/^HTTP\/1\.1 400 [^]*\r\n\r\n$/);
      expect(requests[0]?.signal.aborted).to.equal(true);
    });
  });

  it("says in HTTP/1.1 that a response is the last one", () => {
    const { client } = smallSite(() => "x");
    const connection = client.connect();
    connection.write(get("GET", "Connection: close\r\n") + get());
    expect(connection.text.match(/200 OK/g)).to.have.length(1);
    expect(connection.text).to.include("Connection: close\r\n");
    expect(connection.closed).to.equal(true);
  });

  it("closes after a response that said so, though the body came in the end", async () => {
    const { client } = smallSite(async (request) => {
      request.write("early");
      await request.bytes();
      request.finish();
      return NOT_DONE_YET;
    });
    const connection = client.connect();
    connection.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
    expect(connection.text).to.include("Connection: close\r\n");
    connection.write("x".repeat(100_000));
    await turn();
    expect(connection.text).to.match(/early\r\n0\r\n\r\n$/);
    expect(connection.closed).to.equal(true);
  });

  it("sends informational responses to HTTP/1.1 alone", () => {
    for (const { version, informed } of [
      { version: "1.1", informed: [103] },
      { version: "1.0", informed: [] },
    ] as const) {
      const client = handledBy((exchange) => {
        exchange.inform(103, new Headers({ Link: "</a>; rel=preload" }));
        exchange.respond(OK(), "x");
      });
      const reply = client.get("/", { version });
      expect(reply.informational.map(({ status }) => status)).to.deep.equal(informed);
      expect(reply.text).to.equal("x");
    }
  });

  it("refuses what comes out of order, and changes nothing", () => {
    const calls: Record<string, (exchange: Exchange) => unknown> = {
      respond: (exchange) => exchange.respond(OK(), "again"),
      start: (exchange) => exchange.start(OK(), "again"),
      inform: (exchange) => exchange.inform(103, new Headers()),
      write: (exchange) => exchange.write("more"),
      finish: (exchange) => exchange.finish(),
    };
    const refused: string[] = [];
    const attempt = (exchange: Exchange, names: readonly string[], when: string): void => {
      for (const name of names) {
        expect(() => calls[name]?.(exchange), `${name} ${when}`).to.throw(ProtocolError);
        refused.push(name);
      }
    };
    const client = handledBy((exchange) => {
      expect(exchange.begun).to.equal(false);
      attempt(exchange, ["write", "finish"], "before the head");
      exchange.start(OK(), "a");
      expect(exchange.begun).to.equal(true);
      attempt(exchange, ["respond", "start", "inform"], "after the head");
      exchange.finish();
      attempt(exchange, Object.keys(calls), "after the end");
    });
    const reply = client.get("/");
    expect([reply.text, reply.done]).to.deep.equal(["a", true]);
    expect(refused).to.have.length(10);
  });

  it("says that nobody was attached", () => {
    const client = handledBy((exchange) => {
      const bare = new Http1Exchange(exchange.head, {} as Http1Connection);
      expect(() => bare.listener).to.throw("nobody was attached");
      exchange.respond(OK(), "");
    });
    expect(client.get("/").status).to.equal(200);
  });

  it("knows both ends and whether it is secure", () => {
    const client = handledBy((exchange) => {
      exchange.respond(OK(), JSON.stringify([exchange.client, exchange.local, exchange.secure]));
    });
    const [from, to, secure] = client.get("/", { client: "192.0.2.9", secure: true }).json() as [
      Address,
      Address,
      boolean,
    ];
    expect([from.host, to.host, secure]).to.deep.equal(["192.0.2.9", "127.0.0.1", true]);
  });

  it("sends what is written in several parts as it is, in order", () => {
    const pieces = ["a".repeat(3_000), Buffer.alloc(3_000, "b"), "é".repeat(2_000), "c"];
    const { client } = smallSite((request) => {
      for (const piece of pieces) request.write(piece);
      request.finish();
      return NOT_DONE_YET;
    });
    expect(client.get("/").text).to.equal(pieces.map(String).join(""));
  });
});
