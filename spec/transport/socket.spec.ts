import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer, type NetConnectOpts, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { connect as connectSecurely } from "node:tls";
import { expect } from "chai";
import { spy } from "sinon";
import { systemClock } from "../../lib/defer/clock.ts";
import { type Listening, listen } from "../../lib/transport/listening.ts";
import { SocketTransport } from "../../lib/transport/socket.ts";
import type { Transport } from "../../lib/transport/transport.ts";
import { behavesLikeTransport, type Pair, Recorder } from "../contracts/transport.ts";

// A key and a certificate for localhost and 127.0.0.1, self-signed with openssl, good until 2126. Nothing real trusts them.
const KEY = resolve("spec/support/tls/localhost.key.pem");
const CERT = resolve("spec/support/tls/localhost.cert.pem");

/** Makes pairs over an endpoint, by real sockets. */
class Maker {
  readonly #endpoint: () => string;
  readonly #connect: (port: number) => Promise<Transport>;
  #listening: Listening | undefined = undefined;
  #next: (transport: Transport) => void = () => {};

  constructor(endpoint: () => string, connectTo: (port: number) => Promise<Transport>) {
    this.#endpoint = endpoint;
    this.#connect = connectTo;
  }

  async open(): Promise<void> {
    this.#listening = await listen(this.#endpoint(), (transport) => this.#next(transport), {
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

describe("transport/socket", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "weftline-"));
  });

  after(() => rmSync(folder, { recursive: true }));

  describe("over TCP", () => {
    behaves(
      new Maker(
        () => "tcp:0:interface=127.0.0.1",
        async (port) => new SocketTransport(await connected({ port, host: "127.0.0.1" })),
      ),
      true,
    );
  });

  describe("over a unix path", () => {
    const maker = new Maker(
      () => `unix:${join(folder, "contract.sock")}`,
      async () => new SocketTransport(await connected({ path: join(folder, "contract.sock") })),
    );
    behaves(maker, false);
  });

  describe("over TLS", () => {
    behaves(
      new Maker(() => `tls:0:interface=127.0.0.1:privateKey=${KEY}:cert=${CERT}`, secured),
      true,
    );
  });

  describe("over a socket of Node's", () => {
    let server: Server;
    let near: Socket;
    let far: Socket;

    beforeEach(async () => {
      server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
      const accepted = once(server, "connection") as Promise<[Socket]>;
      await once(server, "listening");
      const { port } = server.address() as { readonly port: number };
      near = await connected({ port, host: "127.0.0.1" });
      [far] = await accepted;
      far.on("error", () => {});
    });

    afterEach(() => {
      server.close();
      near.destroy();
      far.destroy();
    });

    it("sends small pieces at once, and probes a silent peer after 30 s", () => {
      const noDelay = spy(near, "setNoDelay");
      const keepAlive = spy(near, "setKeepAlive");
      expect(new SocketTransport(near).secure).to.equal(false);
      expect(noDelay.args).to.deep.equal([[true]]);
      expect(keepAlive.args).to.deep.equal([[true, 30_000]]);
    });

    it("listens for errors before anything else", () => {
      const on = spy(near, "on");
      expect(new SocketTransport(near).local.port).to.equal(far.remotePort);
      expect(on.firstCall.args[0]).to.equal("error");
    });

    it("is lost with what the system says", async () => {
      const recorder = new Recorder();
      new SocketTransport(near).start(recorder);
      near.destroy(Object.assign(new Error("timed out"), { code: "ETIMEDOUT" }));
      await recorder.told("lost");
      expect(recorder.reason).to.have.property("code", "ETIMEDOUT");
      expect(recorder.events).to.deep.equal(["lost"]);
    });

    it("does not take one for a unix socket that was reset before anybody looked", () => {
      const nameless = { value: () => -107 };
      Object.defineProperty(Reflect.get(near, "_handle"), "getpeername", nameless);
      const { peer } = new SocketTransport(near);
      expect(peer).to.deep.equal({ family: "IPv4", host: "0.0.0.0", port: 0 });
    });

    it("counts whole writes where Node does not tell what the kernel took", () => {
      Object.defineProperty(Reflect.get(near, "_handle"), "writeQueueSize", { value: undefined });
      const transport = new SocketTransport(near, { lower: near });
      let written = 0;
      while (transport.write(Buffer.alloc(1_000_000))) written += 1_000_000;
      expect(transport.unsent % 1_000_000).to.equal(0);
      expect(transport.unsent).to.be.above(0);
      expect(written).to.be.at.least(0);
    });
  });
});
