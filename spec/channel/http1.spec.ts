import { expect } from "chai";
import { Deferred } from "../../lib/defer/deferred.ts";
import { NOT_DONE_YET } from "../../lib/web/body.ts";
import type { Request } from "../../lib/web/request.ts";
import { smallSite, turn } from "../support/small-site.ts";

const get = (path = "/"): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const post = (body: string, path = "/", more = ""): string =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
const held = (): typeof NOT_DONE_YET => NOT_DONE_YET;
const echoPath = (request: Request): string => request.path;

/** Status lines and bodies of the paths that were answered, in order. */
const statuses = (text: string): string[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status = ""]) => status);
const tails = (text: string): string[] =>
  text
    .split("\r\n\r\n")
    .slice(1)
    .map((part) => part.replace(/HTTP\/1\.1[^]*/, ""));

/** A held answer for /first, an immediate one for all others. */
function firstHeld(): ReturnType<typeof smallSite> {
  return smallSite((request) => (request.path === "/first" ? NOT_DONE_YET : request.path));
}

function answer(request: Request | undefined, text: string): void {
  request?.write(text);
  request?.finish();
}

describe("channel/http1", () => {
  it("answers within the call that delivered the bytes", () => {
    const { client } = smallSite(echoPath);
    const connection = client.connect();
    connection.write(get("/now"));
    expect(connection.text)
      .to.match(/^HTTP\/1\.1 200 OK\r\n/)
      .and.to.match(/\/now$/);
    connection.close();
  });

  it("answers many pipelined requests in order, in one write", () => {
    const { client } = smallSite(echoPath);
    const connection = client.connect();
    const paths = Array.from({ length: 100 }, (_, at) => `/${at}`);
    connection.write(paths.map(get).join(""));
    expect(tails(connection.text)).to.deep.equal(paths);
    connection.close();
  });

  for (const cut of ["in one segment", "in several", "byte by byte"]) {
    it(`holds back what is behind a held answer: ${cut} (P4)`, () => {
      const { client, requests } = firstHeld();
      const connection = client.connect();
      const bytes = get("/first") + get("/second") + get("/third");
      const size = cut === "in one segment" ? bytes.length : cut === "in several" ? 20 : 1;
      for (let at = 0; at < bytes.length; at += size) connection.write(bytes.slice(at, at + size));
      expect([requests.length, connection.text]).to.deep.equal([1, ""]);
      answer(requests[0], "first");
      expect(tails(connection.text).join(" ")).to.match(/5\r\nfirst\r\n0 {2}\/second \/third$/);
      connection.close();
    });
  }

  it("never has two requests of a connection in progress, of a thousand", () => {
    const { client, requests } = smallSite(held);
    const connection = client.connect();
    connection.write(get().repeat(1_000));
    for (let at = 0; at < 1_000; at += 1) {
      expect(requests).to.have.length(at + 1);
      answer(requests[at], "");
    }
    expect(statuses(connection.text)).to.have.length(1_000);
    connection.close();
  });

  for (const how of ["close", "reset"] as const) {
    it(`drops unbegun what waits when the connection goes: ${how} (D5)`, () => {
      const { client, clock, requests, records, site } = smallSite((request) => {
        request.callLater(60_000, () => undefined);
        return NOT_DONE_YET;
      });
      const connection = client.connect();
      connection.write(get().repeat(1_000));
      connection[how]();
      expect(requests).to.have.length(1);
      expect(requests[0]?.signal.aborted).to.equal(true);
      expect(clock.pending).to.have.length(0);
      expect([records.length, site.connections]).to.deep.equal([1, 0]);
    });
  }

  it("lets a 400 not overtake the answer before it", () => {
    const { client, requests } = smallSite(held);
    const connection = client.connect();
    connection.write(`${get()}GET / HTTP/1.1\r\n\r\n${get()}`);
    expect(connection.text).to.equal("");
    answer(requests[0], "late");
    expect(statuses(connection.text)).to.deep.equal(["200", "400"]);
    expect(connection.closed).to.equal(true);
    expect(requests).to.have.length(1);
  });

  for (const { title, bytes, status } of [
    { title: "no Host", bytes: "GET / HTTP/1.1\r\n\r\n", status: 400 },
    { title: "a bare LF", bytes: "GET / HTTP/1.1\nHost: a\n\n", status: 400 },
    {
      title: "two lengths",
      bytes: `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx`,
      status: 400,
    },
    { title: "an unknown version", bytes: "GET / HTTP/3.0\r\nHost: a\r\n\r\n", status: 505 },
    {
      title: "a long target",
      bytes: `GET /${"x".repeat(8_192)} HTTP/1.1\r\nHost: a\r\n\r\n`,
      status: 414,
    },
    {
      title: "a large head",
      bytes: `GET / HTTP/1.1\r\nHost: a\r\nX: ${"<b>".repeat(6_000)}\r\n\r\n`,
      status: 431,
    },
    {
      title: "an expectation",
      bytes: "GET / HTTP/1.1\r\nHost: a\r\nExpect: <b>\r\n\r\n",
      status: 417,
    },
  ]) {
    it(`answers ${title} with ${status}, a date, a close, and nothing of what was sent`, () => {
      const { client, requests, records, troubles, lines } = smallSite(echoPath);
      const connection = client.connect();
      connection.write(bytes + get("/next"));
      expect(statuses(connection.text)).to.deep.equal([String(status)]);
      expect(connection.text).to.include("\r\nDate: ").and.to.include("\r\nConnection: close\r\n");
      expect(connection.text).to.not.include("xxx").and.to.not.include("<b>");
      expect(connection.text).to.have.lengthOf.below(600);
      expect([connection.closed, requests.length]).to.deep.equal([true, 0]);
      expect(records).to.have.length(1);
      expect(records[0]).to.include({ status, outcome: "finished", method: "", uri: "", id: "" });
      expect(troubles()).to.deep.equal([]);
      expect(lines.filter(({ level }) => level === "debug")).to.have.length(1);
      expect(client.get("/fine").text).to.equal("/fine");
    });
  }

  describe("a body", () => {
    it("that nobody reads is drained up to 64 KiB, and never taken for requests (P3)", () => {
      for (const { size, stays } of [
        { size: 65_536, stays: true },
        { size: 65_537, stays: false },
      ]) {
        const { client, requests } = smallSite(echoPath);
        const connection = client.connect();
        connection.write(post(get("/smuggled").padEnd(size, "x")) + get("/next"));
        expect(requests.map(({ path }) => path)).to.deep.equal(stays ? ["/", "/next"] : ["/"]);
        expect(connection.text.includes("Connection: close")).to.equal(!stays);
        expect(connection.closed).to.equal(!stays);
        connection.close();
      }
    });

    it("in chunks that nobody reads is drained up to 64 KiB", () => {
      for (const { size, stays } of [
        { size: 65_536, stays: true },
        { size: 65_537, stays: false },
      ]) {
        const { client, requests } = smallSite(echoPath);
        const connection = client.connect();
        const chunk = `${size.toString(16)}\r\n${"x".repeat(size)}\r\n0\r\n\r\n`;
        connection.write(
          `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${get()}`,
        );
        expect(requests).to.have.length(stays ? 2 : 1);
        connection.close();
      }
    });

    it("that turns out to be no HTTP while it is drained only ends the connection", () => {
      const { client } = smallSite(echoPath);
      const connection = client.connect();
      connection.write(
        `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n${get()}`,
      );
      expect(statuses(connection.text)).to.deep.equal(["200"]);
      expect([connection.closed, connection.failure]).to.deep.equal([true, undefined]);
    });

    it("that turns out to be no HTTP while it is read is answered 400, and its reader told", async () => {
      const { client, requests, records, troubles } = smallSite(async (request) => {
        await request.bytes();
        return "never";
      });
      const connection = client.connect();
      connection.write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxx");
      await turn();
      expect(statuses(connection.text)).to.deep.equal(["400"]);
      expect(requests[0]?.signal.reason).to.include({ reason: "protocol" });
      expect(records.map(({ status, outcome }) => [status, outcome])).to.deep.equal([
        [400, "aborted"],
      ]);
      expect(troubles()).to.deep.equal([]);
    });

    it("that turns out to be no HTTP behind the head of an answer resets", () => {
      const { client, requests } = smallSite((request) => {
        request.write("so far");
        void request.bytes().catch(() => undefined);
        return NOT_DONE_YET;
      });
      const connection = client.connect();
      connection.write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz");
      expect(connection.failure).to.include({ code: "ECONNRESET" });
      expect(requests[0]?.signal.reason).to.include({ reason: "protocol" });
    });

    it("is not read past the bound while nobody asks, and read on when somebody does (B2)", async () => {
      const bodies: number[] = [];
      const go = new Deferred<void>();
      const { client } = smallSite(
        async (request) => {
          await go;
          for await (const piece of request.body) bodies.push(piece.length);
          return "read";
        },
        { limits: { readAheadBytes: 100_000 } },
      );
      const connection = client.connect();
      connection.write(post("x".repeat(1_000_000)));
      await turn();
      go.callback(undefined);
      await turn();
      await turn();
      expect(connection.text).to.match(/read$/);
      expect(bodies.reduce((sum, length) => sum + length, 0)).to.equal(1_000_000);
      connection.close();
    });

    it("past the bound is no reason to close", () => {
      const { client, clock, requests } = smallSite(held, { limits: { readAheadBytes: 100_000 } });
      const connection = client.connect();
      connection.write(post("x".repeat(1_000_000)));
      clock.advance(60_000);
      expect([connection.closed, requests[0]?.signal.aborted]).to.deep.equal([false, false]);
      connection.close();
    });

    it("that is broken off loses its reader", async () => {
      const reasons: unknown[] = [];
      const { client, troubles } = smallSite(async (request) => {
        await request.bytes().catch((error: unknown) => {
          reasons.push(error);
          throw error;
        });
        return "never";
      });
      const reply = client.post("/", { upload: true });
      reply.write("half");
      reply.reset();
      await turn();
      expect(reasons[0]).to.include({ name: "DisconnectedError", reason: "reset" });
      expect(troubles()).to.deep.equal([]);
    });
  });

  it("closes where a heap of further requests waits, at the second bound (D4)", () => {
    const { client, clock, requests, lines } = smallSite(held, {
      limits: { readAheadBytes: 100_000 },
    });
    const connection = client.connect();
    connection.write(get() + get().repeat(100_000));
    for (let second = 0; second < 10 && !connection.closed; second += 1) clock.advance(1_000);
    expect(connection.failure).to.include({ code: "ECONNRESET" });
    expect(requests[0]?.signal.reason).to.include({ reason: "protocol" });
    expect(requests).to.have.length(1);
    expect(lines.map(({ message }) => message)).to.include(
      "closed: too many requests wait on the connection",
    );
  });

  describe("100-continue (P6)", () => {
    const expecting =
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n";

    it("is sent when the body is first asked for, once", async () => {
      const { client } = smallSite(async (request) => request.text());
      const connection = client.connect();
      connection.write(expecting);
      await turn();
      expect(connection.text).to.equal("HTTP/1.1 100 Continue\r\n\r\n");
      connection.write("body");
      await turn();
      expect(statuses(connection.text)).to.deep.equal(["100", "200"]);
      expect(connection.text).to.not.include("Connection: close");
      connection.close();
    });

    it("is not sent where the answer comes without the body, and the connection closes", () => {
      const { client } = smallSite(() => "no need");
      const connection = client.connect();
      connection.write(expecting);
      expect(statuses(connection.text)).to.deep.equal(["200"]);
      expect(connection.text).to.include("Connection: close");
      expect(connection.closed).to.equal(true);
    });

    it("is not sent for a body that is declared too long (L4)", async () => {
      const { client } = smallSite(async (request) => request.text(3));
      const connection = client.connect();
      connection.write(expecting);
      await turn();
      expect(statuses(connection.text)).to.deep.equal(["413"]);
    });

    it("is not sent once the head of the answer is out", async () => {
      const { client } = smallSite(async (request) => {
        request.write("early ");
        return request.text();
      });
      const connection = client.connect();
      connection.write(`${expecting}body`);
      await turn();
      expect(statuses(connection.text)).to.deep.equal(["200"]);
      connection.close();
    });
  });

  describe("a client that leaves", () => {
    it("by a FIN still gets what is answered within the turn", async () => {
      const { client } = smallSite(async (request) => {
        await Promise.resolve();
        return request.path;
      });
      const connection = client.connect({ allowHalfOpen: true });
      connection.write(get("/one") + get("/two") + get("/three"));
      connection.end();
      await turn();
      await turn();
      expect(tails(connection.text)).to.deep.equal(["/one", "/two", "/three"]);
      expect(connection.closed).to.equal(true);
    });

    it("by a FIN gets the last answer with a close", () => {
      const { client, requests } = smallSite(held);
      const connection = client.connect({ allowHalfOpen: true });
      connection.write(get());
      connection.end();
      answer(requests[0], "in time");
      expect(connection.text).to.include("Connection: close").and.to.include("in time");
      expect([connection.closed, connection.failure]).to.deep.equal([true, undefined]);
    });

    it("by a FIN is given up at the end of the turn where nothing was answered", async () => {
      const { client, requests, records } = smallSite(held);
      const connection = client.connect({ allowHalfOpen: true });
      connection.write(get() + get());
      connection.end();
      expect(requests[0]?.signal.aborted).to.equal(false);
      await turn();
      expect(requests[0]?.signal.reason).to.include({ reason: "closed" });
      expect(requests).to.have.length(1);
      expect(records.map(({ status, outcome }) => [status, outcome])).to.deep.equal([
        [499, "aborted"],
      ]);
    });

    it("by a FIN while it takes its answer gets the rest, and nothing more", async () => {
      const { client, requests } = smallSite(() => Buffer.alloc(200_000, "x"));
      const connection = client.connect({ allowHalfOpen: true, paused: true });
      connection.write(get() + get());
      connection.end();
      await turn();
      connection.resume();
      await turn();
      expect(statuses(connection.text)).to.have.length(1);
      expect([connection.closed, connection.failure]).to.deep.equal([true, undefined]);
      expect(requests).to.have.length(1);
    });

    it("by a FIN in the middle of a head is let go without an answer", async () => {
      const { client } = smallSite(echoPath);
      const connection = client.connect({ allowHalfOpen: true });
      connection.write("GET / HT");
      connection.end();
      await turn();
      expect([connection.closed, connection.text]).to.deep.equal([true, ""]);
    });

    it("by a FIN while its body is drained is let go", async () => {
      const { client } = smallSite(echoPath);
      const connection = client.connect({ allowHalfOpen: true });
      connection.write(post("12345").slice(0, -1));
      connection.end();
      await turn();
      expect([connection.closed, statuses(connection.text)]).to.deep.equal([true, ["200"]]);
    });

    it("while its answer is sent is told to whoever asked", () => {
      const { client, requests, records } = smallSite(() => Buffer.alloc(200_000));
      const reply = client.get("/", { paused: true });
      reply.reset();
      expect(requests[0]?.signal.aborted).to.equal(true);
      expect(records[0]).to.include({ status: 200, outcome: "aborted" });
    });
  });

  describe("lingering (L5)", () => {
    const bad = "GET / HTTP/1.1\r\n\r\n";

    it("reads on after its last answer, so that a client that still sends may read it", () => {
      const { client, site } = smallSite(echoPath);
      const connection = client.connect({ allowHalfOpen: true });
      connection.write(bad);
      expect(connection.ended).to.equal(true);
      expect(connection.write("x".repeat(4_000_000))).to.equal(true);
      expect(connection.closed).to.equal(false);
      connection.end();
      expect([connection.closed, connection.failure, site.connections]).to.deep.equal([
        true,
        undefined,
        0,
      ]);
    });

    it("is cut at 2 s", () => {
      const { client, clock } = smallSite(echoPath);
      const connection = client.connect({ allowHalfOpen: true });
      connection.write(bad);
      clock.advance(1_999);
      expect(connection.closed).to.equal(false);
      clock.advance(1);
      expect(connection.failure).to.include({ code: "ECONNRESET" });
    });

    it("is cut past 4 MiB", () => {
      const { client } = smallSite(echoPath);
      const connection = client.connect({ allowHalfOpen: true });
      connection.write(bad);
      connection.write("x".repeat(4_194_304));
      expect(connection.closed).to.equal(false);
      connection.write("x");
      expect(connection.failure).to.include({ code: "ECONNRESET" });
    });

    it("waits for a slow reader to take the answer", () => {
      const { client, clock } = smallSite(() => "x".repeat(50_000));
      const connection = client.connect({ paused: true });
      connection.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      clock.advance(10_000);
      connection.resume();
      expect(connection.text).to.have.lengthOf.above(50_000);
      expect([connection.closed, connection.failure]).to.deep.equal([true, undefined]);
    });
  });

  describe("HTTP/1.0 (P5)", () => {
    for (const { fields, stays } of [
      { fields: "", stays: false },
      { fields: "Connection: keep-alive\r\n", stays: true },
      { fields: "Connection: close\r\n", stays: false },
    ]) {
      it(`${stays ? "stays" : "closes"} with ${JSON.stringify(fields)}`, () => {
        const { client } = smallSite(echoPath);
        const connection = client.connect();
        connection.write(`GET /x HTTP/1.0\r\n${fields}\r\n`);
        expect(connection.text).to.match(/\/x$/).and.to.include("Content-Length: 2");
        expect(connection.text).to.include(`Connection: ${stays ? "keep-alive" : "close"}`);
        expect(connection.closed).to.equal(!stays);
        connection.close();
      });
    }

    it("gets a body of unknown length without chunks, and a close", () => {
      const { client, requests } = smallSite(held);
      const connection = client.connect();
      connection.write("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      requests[0]?.write("piece ");
      requests[0]?.write("by piece");
      requests[0]?.finish();
      expect(connection.text).to.match(/\r\n\r\npiece by piece$/);
      expect(connection.text)
        .to.not.include("Transfer-Encoding")
        .and.to.not.include("Content-Length");
      expect(connection.closed).to.equal(true);
    });
  });
});
