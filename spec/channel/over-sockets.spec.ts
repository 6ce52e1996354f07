import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect } from "chai";
import type { Listener } from "../../lib/channel/listener.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { NOT_DONE_YET } from "../../lib/web/body.ts";
import type { Request } from "../../lib/web/request.ts";
import { Site } from "../../lib/web/site.ts";
import { leaf, turn } from "../support/small-site.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const MIB = 1_048_576;
const post = (length: number): string =>
  `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;

/** A held request: when it was begun, and how it ended. */
interface Held {
  readonly request: Request;
  readonly left: Promise<{ readonly reason: string; readonly atMs: number }>;
}

const nothing = (): void => undefined;

class Place {
  readonly clock = new FakeClock();
  readonly troubles: string[] = [];
  readonly #sockets: Socket[] = [];
  readonly #waiting: ((held: Held) => void)[] = [];
  readonly #held: Held[] = [];
  readonly site: Site;
  listener: Listener | undefined;

  constructor(render?: (request: Request) => unknown) {
    const note = (_about: object, message: string): unknown => this.troubles.push(message);
    this.site = new Site(leaf(render ?? ((request) => this.#hold(request))), {
      clock: this.clock,
      log: { debug: nothing, info: nothing, warn: note, error: note },
    });
  }

  async open(): Promise<this> {
    this.listener = await this.site.listen("tcp:0:interface=127.0.0.1");
    return this;
  }

  async connect(): Promise<Socket> {
    const socket = connect({
      port: this.listener?.port ?? 0,
      host: "127.0.0.1",
      allowHalfOpen: true,
    });
    socket.on("error", () => undefined);
    this.#sockets.push(socket);
    await once(socket, "connect");
    return socket;
  }

  /** The next request that is held. */
  next(): Promise<Held> {
    const held = this.#held.shift();
    if (held !== undefined) return Promise.resolve(held);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.site.close({ graceMs: 0 });
  }

  #hold(request: Request): typeof NOT_DONE_YET {
    const left = new Promise<{ reason: string; atMs: number }>((resolve) => {
      request.onDisconnect(({ reason }) => {
        resolve({ reason, atMs: performance.now() });
      });
    });
    request.callLater(60_000, () => undefined);
    const held = { request, left };
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#held.push(held);
    else waiting(held);
    return NOT_DONE_YET;
  }
}

/** Everything that comes until the other side ends, or cuts. */
async function received(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (bytes: Buffer) => {
    text += bytes.toString("latin1");
  });
  await new Promise<void>((resolve) => {
    socket.once("end", resolve);
    socket.once("close", () => resolve());
  });
  return text;
}

function send(socket: Socket, data: string | Buffer): Promise<void> {
  return new Promise((resolve) => {
    socket.write(data, () => {
      resolve();
    });
  });
}

describe("channel/over-sockets", function sockets() {
  this.timeout(10_000);
  let place: Place;

  afterEach(async () => {
    await place.close();
  });

  describe("a client that leaves during a held request is noticed within 50 ms (D1, D4)", () => {
    for (const [what, bytes] of [
      ["no body", GET],
      ["a small body", `${post(5)}hello`],
      ["half a body", `${post(10)}hello`],
      ["1 MiB of unread body", post(MIB) + "x".repeat(MIB)],
      ["a second request behind it", GET + GET],
      ["300 KB of requests behind it", GET.repeat(10_000)],
    ] as const) {
      for (const [how, reasons] of [
        ["FIN", ["closed"]],
        // libuv tells a reset behind bytes that were not read yet as an end (its short cut at POLLHUP).
        ["RST", ["reset", "closed"]],
      ] as const) {
        it(`${what}, ${how}`, async () => {
          place = await new Place().open();
          const waits: number[] = [];
          // The best of three: other processes share this machine.
          for (let attempt = 0; attempt < 3 && (waits.at(-1) ?? 50) >= 50; attempt += 1) {
            const socket = await place.connect();
            await send(socket, bytes);
            const held = await place.next();
            await turn();
            const leftMs = performance.now();
            if (how === "FIN") socket.end();
            else socket.resetAndDestroy();
            const left = await held.left;
            waits.push(left.atMs - leftMs);
            expect(reasons).to.include(left.reason);
            expect(held.request.signal.aborted).to.equal(true);
          }
          expect(Math.min(...waits)).to.be.lessThan(50);
          expect(place.clock.pending).to.have.length(0);
          expect(place.troubles).to.deep.equal([]);
        });
      }
    }
  });

  describe("a FIN together with the request", () => {
    for (const [when, render] of [
      ["at once", () => "answered"],
      ["by a promise", () => Promise.resolve("answered")],
      [
        "in the same turn",
        async () => {
          await Promise.resolve();
          await new Promise((resolve) => {
            process.nextTick(resolve);
          });
          return "answered";
        },
      ],
    ] as const) {
      it(`still gets what is answered ${when}`, async () => {
        place = await new Place(render).open();
        const socket = await place.connect();
        socket.end(GET + GET);
        const text = await received(socket);
        expect(text.match(/answered/g)).to.have.length(2);
        expect(place.site.connections).to.be.within(0, 1);
      });
    }
  });

  it("still answers a request that crosses the FIN of an idle connection (T5)", async () => {
    place = await new Place(() => "answered").open();
    const socket = await place.connect();
    const first = once(socket, "data");
    await send(socket, GET);
    await first;
    const text = received(socket);
    socket.write(GET);
    place.clock.advance(66_000);
    expect(await text).to.match(/^HTTP\/1\.1 200 OK[^]*answered$/);
  });

  describe("a client that still sends reads why it was refused (L5)", () => {
    for (const [what, bytes, status] of [
      ["a head of 1 MiB", `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(MIB)}\r\n\r\n`, 431],
      ["a target of 1 MiB", `GET /${"x".repeat(MIB)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
    ] as const) {
      it(`20 of 20, with ${what}`, async () => {
        place = await new Place(() => "never").open();
        const twenty = await Promise.all(Array.from({ length: 20 }, () => place.connect()));
        const texts = await Promise.all(
          twenty.map(async (socket) => {
            const text = received(socket);
            await send(socket, bytes);
            return text;
          }),
        );
        expect(texts.filter((text) => text.startsWith(`HTTP/1.1 ${status} `))).to.have.length(20);
      });
    }

    it("and one that sends without end is cut past 4 MiB", async () => {
      place = await new Place(() => "never").open();
      const socket = await place.connect();
      const closed = new Promise((resolve) => {
        socket.once("close", resolve);
      });
      let sent = 0;
      const more = (): void => {
        while (!socket.destroyed && socket.write("x".repeat(65_536))) sent += 65_536;
      };
      socket.on("drain", more);
      more();
      await closed;
      expect(sent).to.be.lessThan(64 * MIB);
      expect(place.site.connections).to.equal(0);
    });
  });

  it("turns away whom there is no room for with a 503 that arrives, and serves the next (L8)", async () => {
    place = new Place();
    const site = new Site(place.site.root, {
      clock: place.clock,
      limits: { maxConnections: 2 },
      log: place.site.log,
    });
    place.listener = await site.listen("tcp:0:interface=127.0.0.1");
    const two = [await place.connect(), await place.connect()];
    for (const socket of two) await send(socket, GET);
    const [held] = [await place.next(), await place.next()];
    const third = await place.connect();
    expect(await received(third)).to.match(/^HTTP\/1\.1 503 [^]*\r\nRetry-After: 1\r\n/);
    two[0]?.resetAndDestroy();
    await held.left;
    const fourth = await place.connect();
    await send(fourth, GET);
    await place.next();
    for (const socket of [...two, third, fourth]) socket.destroy();
    await site.close({ graceMs: 0 });
  });
});
