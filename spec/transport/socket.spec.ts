import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, type NetConnectOpts, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { connect as connectSecurely } from "node:tls";
import { systemClock } from "../../lib/defer/clock.ts";
import { type Listening, listen } from "../../lib/transport/listening.ts";
import { SocketTransport } from "../../lib/transport/socket.ts";
import type { Transport } from "../../lib/transport/transport.ts";
import { behavesLikeTransport, type Pair } from "../contracts/transport.ts";

const KEY = resolve("spec/support/tls/localhost.key.pem");
const CERT = resolve("spec/support/tls/localhost.cert.pem");

/** Makes pairs over an endpoint, by real sockets. */
class Maker {
  readonly #endpoint: string;
  readonly #connect: (port: number) => Promise<Transport>;
  #listening: Listening | undefined = undefined;
  #next: (transport: Transport) => void = () => {};

  constructor(endpoint: string, connectTo: (port: number) => Promise<Transport>) {
    this.#endpoint = endpoint;
    this.#connect = connectTo;
  }

  async open(): Promise<void> {
    this.#listening = await listen(this.#endpoint, (transport) => this.#next(transport), {
      clock: systemClock,
      onTrouble: (trouble) => {
        throw trouble;
      },
    });
  }

  close(): void {
    this.#listening?.close();
  }

  async pair(): Promise<Pair> {
    const accepted = new Promise<Transport>((done) => {
      this.#next = done;
    });
    const client = await this.#connect(this.#listening?.port ?? 0);
    return { server: await accepted, client };
  }
}

async function connected(options: NetConnectOpts): Promise<Socket> {
  const socket = connect({ ...options, allowHalfOpen: true });
  await new Promise<void>((done, fail) => {
    socket.once("connect", done);
    socket.once("error", fail);
  });
  return socket;
}

async function secured(port: number): Promise<Transport> {
  const lower = await connected({ port, host: "127.0.0.1" });
  lower.on("error", () => {});
  const socket = connectSecurely({
    socket: lower,
    servername: "localhost",
    ca: readFileSync(CERT),
  });
  socket.allowHalfOpen = true;
  // With the first ticket everything of the handshake is read: what is unread at a close would make it a reset.
  await new Promise<void>((done, fail) => {
    socket.once("session", () => setImmediate(done));
    socket.once("error", fail);
  });
  return new SocketTransport(socket, { lower });
}

function behaves(maker: Maker, resets: boolean): void {
  before(async () => maker.open());
  after(() => maker.close());
  behavesLikeTransport(async () => maker.pair(), { resets });
}

const folder = mkdtempSync(join(tmpdir(), "weftline-"));

describe("transport/socket", () => {
  after(() => rmSync(folder, { recursive: true }));

  describe("over TCP", () => {
    behaves(
      new Maker(
        "tcp:0:interface=127.0.0.1",
        async (port) => new SocketTransport(await connected({ port, host: "127.0.0.1" })),
      ),
      true,
    );
  });

  describe("over a unix path", () => {
    const path = join(folder, "contract.sock");
    const maker = new Maker(
      `unix:${path}`,
      async () => new SocketTransport(await connected({ path })),
    );
    behaves(maker, false);
  });

  describe("over TLS", () => {
    behaves(new Maker(`tls:0:interface=127.0.0.1:privateKey=${KEY}:cert=${CERT}`, secured), true);
  });
});
