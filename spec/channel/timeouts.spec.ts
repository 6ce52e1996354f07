import { expect } from "chai";
import { NOT_DONE_YET } from "../../lib/web/body.ts";
import type { Request } from "../../lib/web/request.ts";
import { smallSite, turn } from "../support/small-site.ts";

const GOOD = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const hello = (): string => "hello";
const held = (): typeof NOT_DONE_YET => NOT_DONE_YET;

/** Reads the body to its end and says how long it was. */
const count = async (request: Request): Promise<string> => String((await request.bytes()).length);

/** Takes one piece and never asks for another. */
const takeOne = (request: Request): typeof NOT_DONE_YET => {
  void request.body[Symbol.asyncIterator]().next();
  return NOT_DONE_YET;
};

/** More than a client takes at once. */
const large = (request: Request): typeof NOT_DONE_YET => {
  request.write("x".repeat(1_000_000));
  return NOT_DONE_YET;
};

const post = (length: number): string =>
  `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;

describe("channel/timeouts", () => {
  describe("headersTimeout, 10 s (T1)", () => {
    it("closes a connection that says nothing, without a word, at 10 s", () => {
      const { client, clock, records } = smallSite(hello);
      const connection = client.connect();
      clock.advance(9_999);
      expect(connection.closed).to.equal(false);
      clock.advance(1);
      expect([connection.closed, connection.text]).to.deep.equal([true, ""]);
      expect(records).to.deep.equal([]);
    });

    it("answers 408 to a head that comes a byte a second, and others meanwhile", () => {
      const { client, clock } = smallSite(hello);
      const slow = client.connect();
      slow.trickle(GOOD, 1_000);
      clock.advance(9_900);
      expect([slow.text, slow.closed]).to.deep.equal(["", false]);
      expect(client.get("/").text).to.equal("hello");
      clock.advance(100);
      expect(slow.text).to.match(/^HTTP\/1\.1 408 Request Timeout\r\n/);
      expect(slow.text).to.include("\r\nConnection: close\r\n").and.to.include("\r\nDate: ");
      expect(slow.closed).to.equal(true);
    });

    it("counts the first head from the accept", () => {
      const { client, clock } = smallSite(hello);
      const connection = client.connect();
      clock.advance(9_000);
      connection.write("GET / HT");
      clock.advance(1_000);
      expect(connection.text).to.match(/^HTTP\/1\.1 408 /);
    });

    it("counts every other head from its first byte", () => {
      const { client, clock } = smallSite(hello);
      const connection = client.connect();
      connection.write(GOOD);
      clock.advance(60_000);
      connection.write("GET / HT");
      clock.advance(9_999);
      expect(connection.text).not.to.include("408");
      clock.advance(1);
      expect(connection.text).to.include("HTTP/1.1 408 ");
    });

    it("is off with 0 and with Infinity", () => {
      for (const headersTimeout of [0, Infinity]) {
        const { client, clock } = smallSite(hello, { timeouts: { headersTimeout } });
        const connection = client.connect();
        clock.advance(100_000);
        connection.write(GOOD);
        expect(connection.text).to.match(/^HTTP\/1\.1 200 /);
        connection.close();
      }
    });
  });

  describe("bodyIdleTimeout, 20 s (T2)", () => {
    it("answers 408 to half a body that somebody waits for, who is told that the client was lost", async () => {
      const { client, clock, requests, records, troubles } = smallSite(count);
      const connection = client.connect();
      connection.write(`${post(9_000)}${"x".repeat(8_000)}`);
      clock.advance(19_999);
      expect(connection.text).to.equal("");
      clock.advance(1);
      expect(connection.text)
        .to.match(/^HTTP\/1\.1 408 /)
        .and.to.include("Connection: close");
      expect(requests[0]?.signal.reason).to.include({ reason: "timeout" });
      await turn();
      expect(troubles()).to.deep.equal([]);
      expect(records.map(({ status, outcome }) => [status, outcome])).to.deep.equal([
        [408, "aborted"],
      ]);
    });

    it("begins anew with each piece", () => {
      const { client, clock } = smallSite(count, { timeouts: { minBodyRate: 0 } });
      const connection = client.connect();
      connection.write(post(3));
      for (let piece = 0; piece < 2; piece += 1) {
        clock.advance(19_000);
        connection.write("x");
      }
      clock.advance(19_000);
      expect(connection.text).to.equal("");
      clock.advance(1_000);
      expect(connection.text).to.match(/^HTTP\/1\.1 408 /);
    });

    it("does not run while nobody asks for more", () => {
      const { client, clock } = smallSite(takeOne);
      const connection = client.connect();
      connection.write(`${post(10)}12345`);
      clock.advance(200_000);
      expect([connection.text, connection.closed]).to.deep.equal(["", false]);
      connection.close();
    });

    it("resets where the answer has begun", () => {
      const { client, clock, requests } = smallSite((request) => {
        request.write("so far");
        void request.bytes().catch(() => undefined);
        return NOT_DONE_YET;
      });
      const connection = client.connect();
      connection.write(post(10));
      clock.advance(20_000);
      expect(connection.failure).to.include({ code: "ECONNRESET" });
      expect(connection.text).to.not.include("408");
      expect(requests[0]?.signal.aborted).to.equal(true);
    });

    it("ends the draining of a body that nobody asked for", () => {
      const { client, clock } = smallSite(hello);
      const connection = client.connect();
      connection.write(post(10));
      expect(connection.text).to.match(/^HTTP\/1\.1 200 /);
      clock.advance(19_999);
      expect(connection.closed).to.equal(false);
      clock.advance(1);
      expect(connection.closed).to.equal(true);
    });
  });

  describe("minBodyRate, 240 B/s after 10 s (T3)", () => {
    for (const { perSecond, cut } of [
      { perSecond: 100, cut: true },
      { perSecond: 239, cut: true },
      { perSecond: 240, cut: false },
    ]) {
      it(`${cut ? "cuts off" : "bears"} ${perSecond} bytes a second`, () => {
        const { client, clock } = smallSite(count);
        const connection = client.connect();
        connection.write(post(20_000));
        connection.trickle("x".repeat(20_000), 1_000, perSecond);
        clock.advance(9_999);
        expect(connection.text).to.equal("");
        clock.advance(30_000);
        expect(connection.text).to.match(cut ? /^HTTP\/1\.1 408 / : /^$/);
        connection.close();
      });
    }

    it("stands still while it is we who do not read", async () => {
      const { client, clock } = smallSite(async (request) => {
        const pieces = request.body[Symbol.asyncIterator]();
        await pieces.next();
        await new Promise<void>((resolve) => void request.callLater(100_000, resolve));
        await pieces.next();
        return "fine";
      });
      const connection = client.connect();
      connection.write(`${post(20)}1234567890`);
      await clock.advanceAsync(100_000);
      await clock.advanceAsync(9_000);
      connection.write("1234567890");
      await turn();
      expect(connection.text).to.match(/^HTTP\/1\.1 200 /);
    });
  });

  describe("requestTimeout, 300 s (T4)", () => {
    it("ends a request that comes fast enough but does not end", () => {
      const { client, clock } = smallSite(count, { limits: { bodyBytes: Infinity } });
      const connection = client.connect();
      connection.write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
      connection.trickle("190\r\n".concat("x".repeat(400), "\r\n").repeat(310), 1_000, 407);
      clock.advance(299_999);
      expect(connection.text).to.equal("");
      clock.advance(1);
      expect(connection.text).to.match(/^HTTP\/1\.1 408 /);
    });
  });

  describe("keepAliveTimeout, 65 s (T5)", () => {
    it("closes an idle connection at 65 s, without waiting for anything", () => {
      const { client, clock } = smallSite(hello);
      const connection = client.connect();
      connection.write(GOOD);
      clock.advance(64_900);
      connection.write(GOOD);
      expect(connection.text.match(/200 OK/g)).to.have.length(2);
      clock.advance(64_000);
      expect(connection.closed).to.equal(false);
      clock.advance(2_000);
      expect(connection.closed).to.equal(true);
      expect(connection.failure).to.equal(undefined);
    });

    it("does not run while a request is held", () => {
      const { client, clock } = smallSite(held);
      const connection = client.connect();
      connection.write(GOOD);
      clock.advance(300_000);
      expect(connection.closed).to.equal(false);
      connection.close();
    });
  });

  describe("writeTimeout, 30 s (T6)", () => {
    it("resets a client that takes nothing, and whoever writes is told", () => {
      const { client, clock, requests } = smallSite(large);
      const reply = client.get("/", { paused: true });
      clock.advance(30_999);
      expect(requests[0]?.signal.aborted).to.equal(false);
      clock.advance(1);
      expect(requests[0]?.signal.reason).to.include({ reason: "timeout" });
      reply.resume();
      expect(reply.done).to.equal(false);
    });

    it("begins anew with each byte that is taken", () => {
      const { client, clock, requests } = smallSite(large, { timeouts: { minResponseRate: 0 } });
      const reply = client.get("/", { paused: true });
      for (let turns = 0; turns < 10; turns += 1) {
        clock.advance(29_000);
        reply.read(1);
      }
      expect(requests[0]?.signal.aborted).to.equal(false);
      clock.advance(31_000);
      expect(requests[0]?.signal.aborted).to.equal(true);
    });

    it("also ends a response that is complete but not taken", () => {
      const { client, clock, records } = smallSite(() => Buffer.alloc(1_000_000));
      client.get("/", { paused: true });
      clock.advance(31_000);
      expect(records.map(({ status, outcome }) => [status, outcome])).to.deep.equal([
        [200, "aborted"],
      ]);
    });

    it("does not refuse pipelined requests whose answers the client does not take", () => {
      const { client, clock, requests } = smallSite(() => "x".repeat(60_000));
      const connection = client.connect({ paused: true });
      connection.write(GOOD.repeat(10));
      clock.advance(15_000);
      expect(requests).to.have.lengthOf.below(10);
      connection.resume();
      expect(connection.text.match(/200 OK/g)).to.have.length(10);
      connection.close();
    });
  });

  describe("minResponseRate, 240 B/s over each 30 s (T7)", () => {
    for (const { perSecond, cut } of [
      { perSecond: 1, cut: true },
      { perSecond: 200, cut: true },
      { perSecond: 260, cut: false },
    ]) {
      it(`${cut ? "cuts off" : "bears"} a reader of ${perSecond} bytes a second`, () => {
        const { client, clock, requests } = smallSite(large);
        client.get("/", { reader: { bytesPerSecond: perSecond } });
        clock.advance(30_000);
        expect(requests[0]?.signal.aborted, "at 30 s").to.equal(false);
        clock.advance(60_000);
        expect(requests[0]?.signal.aborted).to.equal(cut);
      });
    }

    it("is not paid for by a good beginning", () => {
      const { client, clock, requests } = smallSite(large);
      const reply = client.get("/", { paused: true });
      clock.advance(5_000);
      reply.read(900_000);
      for (let second = 0; second < 100; second += 1) {
        clock.advance(1_000);
        reply.read(1);
      }
      expect(requests[0]?.signal.aborted).to.equal(true);
    });
  });

  describe("handlerTimeout, off, and handlerWarning, 300 s (T9)", () => {
    it("warns once of a request that nobody finishes, and lets it be", () => {
      const { client, clock, lines } = smallSite(held);
      const reply = client.get("/slow?token=1");
      clock.advance(299_999);
      expect(lines).to.deep.equal([]);
      clock.advance(100_000);
      expect(lines.map(({ level, message }) => `${level}: ${message}`)).to.deep.equal([
        "warn: a request has been waiting for its answer for long",
      ]);
      expect(lines[0]?.about).to.include({ method: "GET", path: "/slow" });
      expect(reply.failure).to.equal(undefined);
      reply.disconnect();
    });

    it("answers 503 where it is set", () => {
      const { client, clock, requests } = smallSite(held, { timeouts: { handlerTimeout: 5_000 } });
      const reply = client.get("/");
      clock.advance(4_999);
      expect(reply.status).to.equal(undefined);
      clock.advance(1);
      expect([reply.status, reply.headers.get("connection")]).to.deep.equal([503, "close"]);
      expect(requests[0]?.signal.aborted).to.equal(true);
    });

    it("resets where the answer has begun", () => {
      const { client, clock } = smallSite(
        (request) => {
          request.write("so far");
          return NOT_DONE_YET;
        },
        { timeouts: { handlerTimeout: 5_000 } },
      );
      const reply = client.get("/");
      clock.advance(5_000);
      expect([reply.done, reply.text]).to.deep.equal([false, "so far"]);
      expect(reply.failure?.message).to.match(/reset/);
    });
  });

  it("run on one timer, and only while connections are open", () => {
    const { client, clock } = smallSite(hello);
    expect(clock.housekeeping).to.have.length(0);
    const connections = Array.from({ length: 50 }, () => client.connect());
    expect(clock.housekeeping).to.have.length(1);
    for (const one of connections) one.close();
    clock.advance(1_000);
    expect(clock.housekeeping).to.have.length(0);
  });
});
