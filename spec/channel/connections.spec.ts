import { expect } from "chai";
import { type Connection, Connections } from "../../lib/channel/connections.ts";
import { DEFAULT_CHANNEL_LIMITS } from "../../lib/channel/limits.ts";
import { DEFAULT_TIMEOUTS } from "../../lib/channel/timeouts.ts";
import type { DelayedCall } from "../../lib/defer/clock.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import type { TestClient } from "../../lib/testing/test-client.ts";
import type { TestConnection } from "../../lib/testing/test-connection.ts";
import { NOT_DONE_YET } from "../../lib/web/body.ts";
import type { Request } from "../../lib/web/request.ts";
import { smallSite } from "../support/small-site.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const hello = (): string => "hello";
const held = (): typeof NOT_DONE_YET => NOT_DONE_YET;
/** A connection with a request on it. */
function asking(client: TestClient): TestConnection {
  const connection = client.connect();
  connection.write(GET);
  return connection;
}

const answer = (request: Request | undefined): void => request?.finish();

describe("channel/connections", () => {
  describe("maxConnections (L8)", () => {
    it("answers one more 503 and closes it; the next has room when one leaves", () => {
      const { client, troubles, records, site } = smallSite(held, {
        limits: { maxConnections: 10 },
      });
      const ten = Array.from({ length: 10 }, () => asking(client));
      const late = client.connect();
      expect(late.text).to.match(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
      expect(late.text)
        .to.include("\r\nRetry-After: 1\r\n")
        .and.to.include("\r\nConnection: close\r\n");
      expect(late.closed).to.equal(true);
      expect(ten.map(({ text }) => text)).to.deep.equal(Array.from({ length: 10 }, () => ""));
      expect(troubles()).to.deep.equal(["no room for another connection: there are 10"]);
      expect(records).to.deep.equal([]);
      ten.pop()?.close();
      const next = client.connect();
      next.write(GET);
      expect([next.text, site.connections]).to.deep.equal(["", 10]);
      for (const one of [...ten, next]) one.close();
    });

    it("does not count those that are told so, and tells 32 at a time", () => {
      const { client, clock, site } = smallSite(held, { limits: { maxConnections: 2 } });
      const two = [asking(client), asking(client)];
      const told = Array.from({ length: 32 }, () => client.connect({ allowHalfOpen: true }));
      expect(told.every(({ text }) => text.startsWith("HTTP/1.1 503 "))).to.equal(true);
      expect(site.connections).to.equal(34);
      const past = client.connect({ allowHalfOpen: true });
      expect([past.text, past.failure !== undefined]).to.deep.equal(["", true]);
      two[0]?.close();
      const next = client.connect();
      next.write(GET);
      expect([next.text, next.closed]).to.deep.equal(["", false]);
      clock.advance(2_000);
      expect(site.connections).to.equal(2);
      for (const one of [...two, next]) one.close();
    });

    it("warns once a second at most", () => {
      const { client, clock, troubles } = smallSite(held, { limits: { maxConnections: 1 } });
      const only = client.connect();
      only.write(GET);
      for (let at = 0; at < 10; at += 1) client.connect();
      expect(troubles()).to.have.length(1);
      clock.advance(1_000);
      client.connect();
      client.connect();
      expect(troubles()).to.have.length(2);
      only.close();
    });

    it("makes room above 80 % by closing the longest idle, one for each that comes (T5)", () => {
      const { client, clock } = smallSite(hello, { limits: { maxConnections: 100 } });
      const idle = Array.from({ length: 80 }, () => {
        const one = client.connect();
        one.write(GET);
        clock.advance(1);
        return one;
      });
      expect(idle.some(({ closed }) => closed)).to.equal(false);
      client.connect().write(GET);
      expect(idle.map(({ closed }) => closed).indexOf(false)).to.equal(1);
      idle[1]?.write(GET);
      clock.advance(1);
      client.connect().write(GET);
      // The second has just been used, so it is the third's turn.
      expect(idle.slice(0, 4).map(({ closed }) => closed)).to.deep.equal([
        true,
        false,
        true,
        false,
      ]);
      expect(idle.filter(({ closed }) => closed)).to.have.length(2);
    });

    it("closes an idle one at once where all places are taken", () => {
      const { client, site, troubles } = smallSite(hello, { limits: { maxConnections: 2 } });
      const options = { allowHalfOpen: true };
      const [first, second] = [client.connect(options), client.connect(options)];
      first.write(GET);
      second.write(GET);
      const third = client.connect(options);
      third.write(GET);
      expect(third.text).to.match(/^HTTP\/1\.1 200 /);
      expect([first.ended, first.failure]).to.deep.equal([true, undefined]);
      expect([site.connections, troubles()]).to.deep.equal([2, []]);
      second.close();
      third.close();
    });

    it("never closes one that has something to do", () => {
      const { client, clock } = smallSite(held, { limits: { maxConnections: 4 } });
      const [busy, halfHead] = [client.connect(), client.connect()];
      busy.write(GET);
      halfHead.write("GET");
      clock.advance(5_000);
      const more = [client.connect(), client.connect(), client.connect(), client.connect()];
      expect([busy.closed, halfHead.closed]).to.deep.equal([false, false]);
      for (const one of [busy, halfHead, ...more]) one.close();
    });

    it("does not look at all connections for each that comes", () => {
      const { client, clock, requests } = smallSite(held, { limits: { maxConnections: 5 } });
      const five = Array.from({ length: 5 }, () => asking(client));
      expect(client.connect().text).to.match(/^HTTP\/1\.1 503 /);
      answer(requests[0]);
      // It has become idle since the last look, which was just now.
      expect(client.connect().text).to.match(/^HTTP\/1\.1 503 /);
      clock.advance(100);
      expect(client.connect().text).to.equal("");
      expect(five.map(({ closed }) => closed)).to.deep.equal([true, false, false, false, false]);
      for (const one of five) one.close();
    });

    it("takes one that is new for idle after a second, if it has said nothing", () => {
      const { client, clock } = smallSite(hello, { limits: { maxConnections: 2 } });
      const [first] = [client.connect(), client.connect()];
      clock.advance(999);
      expect(client.connect().text).to.match(/^HTTP\/1\.1 503 /);
      clock.advance(100);
      expect(client.connect().text).to.equal("");
      expect(first?.closed).to.equal(true);
    });

    it("is off with 0", () => {
      const { client, site } = smallSite(held, { limits: { maxConnections: 0 } });
      for (let at = 0; at < 100; at += 1) client.connect();
      expect(site.connections).to.equal(100);
    });
  });

  describe("maxConnectionsPerAddress, off (L9)", () => {
    it("refuses one more from the same address, and takes others", () => {
      const { client, troubles } = smallSite(held, { limits: { maxConnectionsPerAddress: 2 } });
      const from = (host: string): ReturnType<typeof client.connect> =>
        client.connect({ client: host });
      const [first] = [from("192.0.2.1"), from("192.0.2.1")];
      expect(from("192.0.2.1").text).to.match(/^HTTP\/1\.1 503 /);
      expect(from("192.0.2.2").text).to.equal("");
      expect(troubles()).to.deep.equal([
        "no room for another connection: there are 2 of one address",
      ]);
      first?.close();
      expect(from("192.0.2.1").text).to.equal("");
      expect(from("192.0.2.1").text).to.match(/^HTTP\/1\.1 503 /);
    });
  });

  it("closes those that have been idle for longest where descriptors are wanted, 32 at a time", () => {
    const clock = new FakeClock();
    const connections = new Connections(
      clock,
      { limits: DEFAULT_CHANNEL_LIMITS, timeouts: DEFAULT_TIMEOUTS },
      () => undefined,
    );
    const cut: number[] = [];
    for (let at = 0; at < 100; at += 1) {
      const connection: Connection = {
        client: { family: "IPv4", host: "192.0.2.1", port: at },
        busy: at % 2 === 0,
        idleSince: at % 2 === 0 ? undefined : 1_000 - at,
        fresh: false,
        sweep: () => undefined,
        turnEnded: () => undefined,
        drain: () => undefined,
        cut: () => {
          cut.push(at);
          connections.delete(connection);
        },
      };
      connections.add(connection);
    }
    connections.closeIdle();
    expect(cut).to.deep.equal(Array.from({ length: 32 }, (_, at) => 99 - 2 * at));
    connections.closeIdle();
    expect(cut).to.have.length(50);
    connections.closeIdle();
    expect([cut.length, connections.size]).to.deep.equal([50, 50]);
  });

  describe("overloadDelay, off (L10)", () => {
    /** A clock that is late when it is told to be. */
    class LateClock {
      readonly pending = [];
      #now = 0;
      readonly #calls: { readonly at: number; readonly call: () => void }[] = [];

      now(): number {
        return this.#now;
      }

      callLater<A extends unknown[]>(
        delayMs: number,
        call: (...args: A) => void,
        ...args: A
      ): DelayedCall {
        this.#calls.push({ at: this.#now + delayMs, call: () => call(...args) });
        return {} as DelayedCall;
      }

      /** Makes the next call, so much too late. */
      next(lateMs: number): void {
        const next = this.#calls.shift();
        this.#now = (next?.at ?? 0) + lateMs;
        next?.call();
      }
    }

    it("answers new requests 503 after two late seconds, lets others go on, and ends with the first that is in time", () => {
      const clock = new LateClock();
      const { client, requests, troubles } = smallSite(held, {
        clock,
        timeouts: { overloadDelay: 500, headersTimeout: 0 },
      });
      const before = asking(client);
      const idle = client.connect();
      clock.next(500);
      const between = asking(client);
      clock.next(499);
      clock.next(600);
      expect(asking(client).text).to.equal("");
      clock.next(600);
      const after = asking(client);
      expect(after.text)
        .to.match(/^HTTP\/1\.1 503 [^]*\r\nRetry-After: 1\r\n/)
        .and.to.include("Connection: close");
      const head = client.connect();
      head.write("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
      expect(head.text).to.match(/^HTTP\/1\.1 503 [^]*\r\n\r\n$/);
      expect(troubles()).to.deep.equal(["too much to do: new requests are answered 503"]);
      answer(requests[0]);
      expect(before.text).to.match(/^HTTP\/1\.1 200 /);
      clock.next(0);
      idle.write(GET);
      expect([idle.text, between.text]).to.deep.equal(["", ""]);
    });

    it("is off", () => {
      const clock = new LateClock();
      const { client } = smallSite(held, { clock, timeouts: { headersTimeout: 0 } });
      client.connect();
      for (let count = 0; count < 5; count += 1) clock.next(100_000);
      expect(asking(client).text).to.equal("");
    });
  });

  describe("a close (R1, R2)", () => {
    it("closes idle connections at once, lets requests finish, and reports", async () => {
      const { client, site, requests } = smallSite(held);
      const [busy, idle, fresh] = [client.connect(), client.connect(), client.connect()];
      busy.write(GET);
      idle.write(GET);
      answer(requests[1]);
      const closing = site.close();
      expect([busy.closed, idle.closed, fresh.closed]).to.deep.equal([false, true, true]);
      answer(requests[0]);
      expect(busy.text).to.include("\r\nConnection: close\r\n");
      expect(await closing).to.deep.equal({ finished: 1, cut: 0 });
      expect([busy.closed, busy.failure, site.connections]).to.deep.equal([true, undefined, 0]);
    });

    it("cuts off what is left when the grace is over", async () => {
      const { client, clock, site, requests } = smallSite(held);
      const [stays, ends] = [client.get("/a"), client.get("/b")];
      const closing = site.close({ graceMs: 5_000 });
      clock.advance(4_999);
      answer(requests[1]);
      expect([stays.failure, ends.done]).to.deep.equal([undefined, true]);
      clock.advance(1);
      expect(await closing).to.deep.equal({ finished: 1, cut: 1 });
      expect(stays.failure?.message).to.match(/reset/);
      expect(requests[0]?.signal.reason).to.include({ reason: "shutdown" });
    });

    it("drops what is pipelined behind the request in progress", async () => {
      const { client, site, requests } = smallSite(held);
      const connection = client.connect();
      connection.write(GET + GET);
      const closing = site.close();
      answer(requests[0]);
      expect(await closing).to.deep.equal({ finished: 1, cut: 0 });
      expect(requests).to.have.length(1);
    });

    it("lets a head that is coming in still be answered, with a close", async () => {
      const { client, site, requests } = smallSite(hello);
      const connection = client.connect();
      connection.write("GET / HT");
      const closing = site.close();
      connection.write("TP/1.1\r\nHost: a\r\n\r\n");
      expect(connection.text)
        .to.include("\r\nConnection: close\r\n")
        .and.to.match(/hello$/);
      expect(await closing).to.deep.equal({ finished: 0, cut: 0 });
      expect(requests).to.have.length(1);
    });

    it("with no connections, and with no grace or an endless one, ends", async () => {
      const { client, site } = smallSite(held);
      expect(await site.close()).to.deep.equal({ finished: 0, cut: 0 });
      const reply = client.get("/");
      const patient = site.close({ graceMs: Infinity });
      expect(await site.close({ graceMs: 0 })).to.deep.equal({ finished: 0, cut: 1 });
      await patient;
      expect(reply.failure?.message).to.match(/reset/);
    });

    it("does not wait for a client that says nothing after our goodbye", async () => {
      const { client, clock, site } = smallSite(hello);
      const rude = client.connect({ allowHalfOpen: true });
      rude.write(GET);
      const closing = site.close();
      expect([rude.ended, rude.closed]).to.deep.equal([true, false]);
      clock.advance(2_000);
      expect(await closing).to.deep.equal({ finished: 0, cut: 0 });
    });
  });
});
