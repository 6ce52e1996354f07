import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { connect as connectSecurely } from "node:tls";
import { expect } from "chai";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { EndpointError } from "../../lib/transport/endpoint-error.ts";
import { type Listening, listen } from "../../lib/transport/listening.ts";
import type { Transport } from "../../lib/transport/transport.ts";
import { Recorder } from "../contracts/transport.ts";

const LOCAL = "tcp:0:interface=127.0.0.1";
const TLS_FILES = resolve("spec/support/tls");
const KEY = join(TLS_FILES, "localhost.key.pem");
const CERT = join(TLS_FILES, "localhost.cert.pem");
const SECURE = `tls:0:interface=127.0.0.1:privateKey=${KEY}:cert=${CERT}`;

describe("transport/listening", () => {
  let folder: string;
  let clock: FakeClock;
  let troubles: Error[];
  let accepted: Transport[];
  let accept: (transport: Transport) => void;
  let opened: { close(): void }[];
  let sockets: Socket[];

  beforeEach(() => {
    clock = new FakeClock();
    troubles = [];
    accepted = [];
    opened = [];
    sockets = [];
    accept = () => {};
  });

  afterEach(() => {
    for (const one of opened) one.close();
    for (const socket of sockets) socket.destroy();
    for (const transport of accepted) transport.abort();
  });

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "weftline-"));
  });

  after(() => rmSync(folder, { recursive: true }));

  const open = async (endpoint: number | string, more = {}): Promise<Listening> => {
    const listening = await listen(
      endpoint,
      (transport) => {
        accepted.push(transport);
        accept(transport);
      },
      { clock, onTrouble: (trouble) => troubles.push(trouble), ...more },
    );
    opened.push({ close: () => listening.close() });
    return listening;
  };

  /** A transport that was accepted next, and the socket at its other end. */
  const dial = async (listening: Listening): Promise<Transport> => {
    const next = new Promise<Transport>((done) => {
      accept = done;
    });
    call(listening);
    return next;
  };

  const call = (listening: Listening): Socket => {
    const { host, port, family } = listening.address;
    const socket = family === "unix" ? connect(host) : connect(port, host);
    socket.on("error", () => {});
    sockets.push(socket);
    return socket;
  };

  /** Does a handshake, for the protocol that it agrees on. */
  const shake = async (listening: Listening, options = {}): Promise<string | false | null> => {
    const lower = call(listening);
    const socket = connectSecurely({ socket: lower, rejectUnauthorized: false, ...options });
    sockets.push(socket);
    await once(socket, "secureConnect");
    return socket.alpnProtocol;
  };

  /** What `listen` fails with. */
  const failure = async (endpoint: number | string): Promise<EndpointError> => {
    try {
      await open(endpoint);
    } catch (error) {
      expect(error).to.be.an.instanceof(EndpointError);
      return error as EndpointError;
    }
    throw new Error(`${endpoint} is listened on`);
  };

  describe("over TCP", () => {
    it("tells where it listens", async () => {
      const listening = await open(LOCAL);
      expect(listening.address).to.include({ family: "IPv4", host: "127.0.0.1" });
      expect(listening.port).to.be.above(0);
      expect(listening.port).to.equal(listening.address.port);
      expect(listening.secure).to.equal(false);
    });

    it("binds where its options say, if the endpoint does not", async () => {
      const listening = await open(0, { interface: "127.0.0.1" });
      expect(listening.address.host).to.equal("127.0.0.1");
    });

    it("hands over transports that know both ends", async () => {
      const listening = await open(LOCAL);
      const transport = await dial(listening);
      expect(transport.secure).to.equal(false);
      expect(transport.local).to.deep.equal(listening.address);
      expect(transport.peer).to.include({ family: "IPv4", host: "127.0.0.1" });
      expect(transport.peer.port).to.equal(sockets[0]?.localPort);
    });

    it("gives the port back within close, and lets transports go on", async () => {
      const listening = await open(LOCAL);
      const transport = await dial(listening);
      listening.close();
      listening.close();
      const again = await open(`tcp:${listening.port}:interface=127.0.0.1`);
      expect(again.port).to.equal(listening.port);
      const recorder = new Recorder();
      transport.start(recorder);
      sockets[0]?.write("still here");
      await recorder.told("received");
      expect(recorder.text).to.equal("still here");
    });

    it("says that a port is in use", async () => {
      const { port } = await open(LOCAL);
      const error = await failure(`tcp:${port}:interface=127.0.0.1`);
      expect(error.code).to.equal("EADDRINUSE");
      expect(error.message).to.equal(
        `cannot listen on "tcp:${port}:interface=127.0.0.1": it is in use (EADDRINUSE)`,
      );
      expect(error.cause).to.have.property("syscall", "listen");
    });

    it("says that an address is not one of this machine", async () => {
      const error = await failure("tcp:0:interface=192.0.2.1");
      expect(error.message).to.equal(
        'cannot listen on "tcp:0:interface=192.0.2.1": this machine has no such address (EADDRNOTAVAIL)',
      );
    });

    it("says what is wrong with the text before it tries", async () => {
      expect((await failure("tcp:http")).message).to.include('port "http" is not a number');
    });

    it("aborts a connection that could not be accepted, and tells of it", async () => {
      const listening = await open(LOCAL);
      accept = () => {
        throw new Error("no room");
      };
      const socket = call(listening);
      await closed(socket);
      expect(troubles.map(({ message }) => message)).to.deep.equal(["no room"]);
    });

    it("tells of troubles at most once a second", async () => {
      const listening = await open(LOCAL);
      accept = () => {
        // oxlint-disable-next-line typescript/only-throw-error -- a user may
        throw "a string";
      };
      await closed(call(listening));
      clock.advance(999);
      await closed(call(listening));
      expect(troubles).to.have.lengthOf(1);
      clock.advance(1);
      await closed(call(listening));
      expect(troubles.map(({ message }) => message)).to.deep.equal(["a string", "a string"]);
    });
  });

  describe("over an inherited descriptor", () => {
    it("serves what its parent listens on", async function () {
      this.timeout(10_000);
      const parent: Server = createServer().listen(0, "127.0.0.1");
      opened.push({ close: () => parent.close() });
      await once(parent, "listening");
      const { fd } = Reflect.get(parent, "_handle") as { readonly fd: number };
      const address = parent.address() as { readonly port: number };
      const child = spawn(
        process.execPath,
        [...process.execArgv, "--input-type=module", "-e", CHILD],
        {
          stdio: ["ignore", "pipe", "inherit", fd],
        },
      );
      const [said] = (await once(child.stdout ?? process.stdin, "data")) as [Buffer];
      expect(said.toString()).to.equal(`127.0.0.1 ${address.port}`);
      parent.close();
      const socket = connect(address.port, "127.0.0.1");
      sockets.push(socket);
      const [greeting] = (await once(socket, "data")) as [Buffer];
      expect(greeting.toString()).to.equal("from the child");
      child.kill();
      await once(child, "exit");
    });

    it("says that nothing is open there", async () => {
      const error = await failure("fd:9999");
      expect(error.message).to.match(/^cannot listen on "fd:9999": .+ \(E\w+\)$/);
    });
  });

  describe("over a unix path", () => {
    it("tells its path, to transports as well, and removes it within close", async () => {
      const path = join(folder, "a.sock");
      const listening = await open(`unix:${path}`);
      expect(listening.address).to.deep.equal({ family: "unix", host: path, port: 0 });
      expect(listening.port).to.equal(0);
      const transport = await dial(listening);
      expect(transport.local).to.deep.equal(listening.address);
      expect(transport.peer).to.deep.equal({ family: "unix", host: "", port: 0 });
      listening.close();
      expect(statSync(path, { throwIfNoEntry: false })).to.equal(undefined);
    });

    it("sets the permissions it is given", async () => {
      const path = join(folder, "mode.sock");
      await open(`unix:${path}:mode=604`);
      expect(statSync(path).mode & 0o777).to.equal(0o604);
    });

    it("says that the folder is missing", async () => {
      const path = join(folder, "none", "a.sock");
      const error = await failure(`unix:${path}`);
      expect(error.message).to.equal(`cannot listen on "unix:${path}": no such folder (ENOENT)`);
      expect(error.code).to.equal("ENOENT");
    });

    it("names what the system says where it has no words for it", async () => {
      const path = join(folder, "plain");
      writeFileSync(path, "");
      const error = await failure(`unix:${path}/a.sock`);
      expect(error.message).to.match(/: the system refuses \(E[A-Z]+\)$/);
    });

    it("leaves a path alone that somebody answers at", async () => {
      const path = join(folder, "busy.sock");
      const first = await open(`unix:${path}`);
      const error = await failure(`unix:${path}`);
      expect(error.code).to.equal("EADDRINUSE");
      await dial(first);
    });

    it("leaves a file alone that is no socket", async () => {
      const path = join(folder, "file.sock");
      writeFileSync(path, "precious");
      const error = await failure(`unix:${path}`);
      expect(error.code).to.equal("EADDRINUSE");
      expect(statSync(path).size).to.equal(8);
    });

    it("replaces a socket that nobody answers at", async function () {
      this.timeout(10_000);
      const path = join(folder, "stale.sock");
      const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
      await once(spawn(process.execPath, ["-e", script], { stdio: "ignore" }), "exit");
      expect(statSync(path).isSocket()).to.equal(true);
      await dial(await open(`unix:${path}`));
    });
  });

  describe("over TLS", () => {
    it("hands over transports that are secure, after their handshakes", async () => {
      const listening = await open(SECURE);
      expect(listening.secure).to.equal(true);
      const next = new Promise<Transport>((done) => {
        accept = done;
      });
      await shake(listening);
      const transport = await next;
      expect(transport.secure).to.equal(true);
      expect(transport.local).to.deep.equal(listening.address);
      expect(transport.peer.port).to.equal(sockets[0]?.localPort);
    });

    it("speaks HTTP/1.1 to those who ask for it or for more", async () => {
      const listening = await open(SECURE);
      expect(await shake(listening, { ALPNProtocols: ["h2", "http/1.1"] })).to.equal("http/1.1");
      expect(await shake(listening)).to.equal(false);
    });

    it("closes a connection that does not speak TLS, and serves the next", async () => {
      const listening = await open(SECURE);
      const socket = call(listening);
      socket.write("GET / HTTP/1.1\r\n\r\n");
      socket.resume();
      await closed(socket);
      expect(accepted).to.deep.equal([]);
      expect(troubles).to.deep.equal([]);
      await shake(listening);
    });

    it("closes a connection that ends before its handshake is done", async () => {
      const listening = await open(SECURE);
      const socket = call(listening);
      socket.resume();
      socket.end();
      await closed(socket);
    });

    it("survives a connection that is reset before its handshake is done", async () => {
      const listening = await open(SECURE);
      const socket = call(listening);
      await once(socket, "connect");
      socket.resetAndDestroy();
      await closed(socket);
      await shake(listening);
      expect(troubles).to.deep.equal([]);
    });

    it("cuts a handshake after 10 s, and not before, and serves others meanwhile", async () => {
      const listening = await open(SECURE);
      const silent = call(listening);
      silent.resume();
      await once(silent, "connect");
      await shake(listening);
      clock.advance(5_000);
      const later = call(listening);
      later.resume();
      await once(later, "connect");
      await shake(listening);
      clock.advance(4_999);
      await shake(listening);
      expect([silent.destroyed, later.destroyed]).to.deep.equal([false, false]);
      clock.advance(1);
      await closed(silent);
      await shake(listening);
      expect(later.destroyed).to.equal(false);
      clock.advance(5_000);
      await closed(later);
    });

    it("takes the time limit of its options", async () => {
      const listening = await open(SECURE, { handshakeTimeoutMs: 500 });
      const silent = call(listening);
      silent.resume();
      await once(silent, "connect");
      await shake(listening);
      clock.advance(500);
      await closed(silent);
    });

    it("cuts handshakes within close", async () => {
      const listening = await open(SECURE);
      const silent = call(listening);
      silent.resume();
      await once(silent, "connect");
      await shake(listening);
      listening.close();
      await closed(silent);
    });

    it("says which file it cannot read", async () => {
      const missing = join(folder, "missing.pem");
      for (const [name, files] of [
        ["privateKey", `privateKey=${missing}`],
        ["cert", `privateKey=${KEY}:cert=${missing}`],
        ["ca", `privateKey=${KEY}:cert=${CERT}:ca=${missing}`],
      ]) {
        const endpoint = `tls:0:${files}`;
        const error = await failure(endpoint);
        expect(error.message).to.equal(
          `endpoint "${endpoint}": cannot read ${name} "${missing}" (ENOENT)`,
        );
        expect(error.code).to.equal("ENOENT");
      }
    });

    it("says that key and certificate do not fit, and listens on nothing", async () => {
      const other = join(TLS_FILES, "other.key.pem");
      const error = await failure(`tls:0:interface=127.0.0.1:privateKey=${other}:cert=${CERT}`);
      expect(error.message).to.match(/its key and certificate are no good: .*key values mismatch$/);
    });

    it("sends a chain along", async () => {
      const listening = await open(`${SECURE}:ca=${CERT}`);
      await shake(listening);
    });
  });
});

/** Resolves when the socket is closed, with an error or without. */
async function closed(socket: Socket): Promise<void> {
  await new Promise<void>((done) => {
    socket.once("close", () => done());
  });
}

/** Listens on descriptor 3, says where, and greets whoever comes. */
const CHILD = `
import { listen } from "./lib/transport/listening.ts";
import { systemClock } from "./lib/defer/clock.ts";
const { address } = await listen("fd:3", (transport) => {
  transport.start({ received() {}, ended() {}, drained() {}, lost() {} });
  transport.write("from the child");
}, { clock: systemClock, onTrouble: console.error });
process.stdout.write(address.host + " " + address.port);
`;
