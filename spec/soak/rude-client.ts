import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Random } from "../fuzz/random.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const HELD = "GET /held?ms=60000 HTTP/1.1\r\nHost: a\r\n\r\n";
const STREAM = "GET /stream?bytes=100000000 HTTP/1.1\r\nHost: a\r\n\r\n";
const UPLOAD = `POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n${"x".repeat(50_000)}`;

type Rudeness = (socket: Socket, random: Random) => Promise<void>;

/** What clients do that keep to nothing. */
const RUDENESSES: readonly [string, Rudeness][] = [
  [
    "resets in the middle of a request",
    async (socket, random) => {
      await sent(socket, GET.slice(0, 1 + random.below(GET.length - 1)));
      socket.resetAndDestroy();
    },
  ],
  [
    "leaves while it is held",
    async (socket) => {
      await sent(socket, HELD);
      await moment(5);
      socket.end();
    },
  ],
  [
    "resets while it is held",
    async (socket) => {
      await sent(socket, HELD);
      await moment(5);
      socket.resetAndDestroy();
    },
  ],
  [
    "pipelines a hundred held requests and resets",
    async (socket) => {
      await sent(socket, HELD.repeat(100));
      await moment(5);
      socket.resetAndDestroy();
    },
  ],
  [
    "stops reading a stream and resets",
    async (socket) => {
      socket.pause();
      await sent(socket, STREAM);
      await moment(20);
      socket.resetAndDestroy();
    },
  ],
  [
    "reads some of a stream and leaves",
    async (socket) => {
      await sent(socket, STREAM);
      await moment(10);
      socket.destroy();
    },
  ],
  [
    "leaves in the middle of an upload",
    async (socket) => {
      await sent(socket, UPLOAD);
      socket.destroy();
    },
  ],
  [
    "sends what is not HTTP",
    async (socket) => {
      await sent(socket, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 not HTTP\r\n\r\n");
      await gone(socket);
    },
  ],
  [
    "sends a head of a megabyte",
    async (socket) => {
      await sent(socket, `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(1_000_000)}\r\n\r\n`);
      await gone(socket);
    },
  ],
  [
    "drips a head",
    async (socket) => {
      for (const character of "GET / HT") {
        // oxlint-disable-next-line no-await-in-loop -- that is a drip
        await sent(socket, character);
      }
      await moment(50);
      socket.destroy();
    },
  ],
  [
    "says nothing",
    async (socket) => {
      await moment(50);
      socket.destroy();
    },
  ],
  [
    "ends its side with the request",
    async (socket) => {
      socket.end(GET);
      await gone(socket);
    },
  ],
  [
    "pipelines requests and reads no answer",
    async (socket) => {
      socket.pause();
      await sent(socket, GET.repeat(2_000));
      await moment(20);
      socket.resetAndDestroy();
    },
  ],
  [
    "asks for a body twice over",
    async (socket) => {
      await sent(
        socket,
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      );
      await gone(socket);
    },
  ],
];

/** A client that keeps to nothing, one way after another. */
export class RudeClient {
  count = 0;
  readonly #port: number;
  readonly #random: Random;

  constructor(port: number, random: Random) {
    this.#port = port;
    this.#random = random;
  }

  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const [, rudeness] = RUDENESSES[this.#random.below(RUDENESSES.length)] ?? RUDENESSES[0] ?? [];
      if (rudeness === undefined) return;
      const socket = connect(this.#port, "127.0.0.1");
      socket.on("error", () => undefined);
      socket.on("data", () => undefined);
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      await this.#behave(socket, rudeness);
      socket.destroy();
      this.count += 1;
    }
  }

  async #behave(socket: Socket, rudeness: Rudeness): Promise<void> {
    try {
      await once(socket, "connect");
      await rudeness(socket, this.#random);
    } catch {
      // It was cut off in return, which is what it is about.
    }
  }
}

function sent(socket: Socket, text: string): Promise<void> {
  return new Promise((resolve) => {
    socket.write(text, "latin1", () => resolve());
  });
}

async function gone(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  await new Promise((resolve) => {
    socket.once("close", resolve);
  });
}

function moment(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
