import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { expect } from "chai";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { Door } from "../../lib/transport/door.ts";
import type { Transport } from "../../lib/transport/transport.ts";
import { Troubles } from "../../lib/transport/troubles.ts";
import { Recorder } from "../contracts/transport.ts";

/** Linux's numbers, which Node gives as negative ones. */
const EMFILE = -24;
const ECONNABORTED = -103;

/** More files than a process may have open: no descriptor is near it. */
const MANY = 1_000_000;

describe("transport/door", () => {
  let clock: FakeClock;
  let server: Server;
  let troubles: string[];
  let accepted: Transport[];
  let sockets: Socket[];

  beforeEach(async () => {
    clock = new FakeClock();
    troubles = [];
    accepted = [];
    sockets = [];
    server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
    await once(server, "listening");
  });

  afterEach(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
    for (const transport of accepted) transport.abort();
  });

  const doorOf = (from: Server, openFiles = MANY): Door => {
    const told = new Troubles(
      clock,
      (trouble) => troubles.push(trouble.message),
      undefined,
      openFiles,
    );
    return new Door(from, undefined, (transport) => accepted.push(transport), told);
  };

  const dial = async (): Promise<Socket> => {
    const { port } = server.address() as { readonly port: number };
    const socket = connect(port, "127.0.0.1");
    sockets.push(socket);
    socket.on("error", () => {});
    await once(socket, "connect");
    return socket;
  };

  it("turns one connection away for each descriptor that was lacking, and serves the next", async () => {
    const told = new Troubles(clock, (trouble) => troubles.push(trouble.message), undefined, MANY);
    const door = new Door(
      server,
      undefined,
      (transport) => {
        accepted.push(transport);
        answer(transport);
      },
      told,
    );
    expect(await isServed(await dial())).to.equal(true);
    door.onHandle(EMFILE, undefined);
    door.onHandle(EMFILE, undefined);
    expect(troubles).to.deep.equal(["a connection could not be accepted (EMFILE)"]);
    expect(await isServed(await dial())).to.equal(false);
    expect(await isServed(await dial())).to.equal(true);
    expect(accepted).to.have.lengthOf(2);
    door.close();
  });

  it("turns nobody away after an error of another kind", async () => {
    const door = doorOf(server);
    door.onHandle(ECONNABORTED, undefined);
    expect(troubles).to.deep.equal(["a connection could not be accepted (ECONNABORTED)"]);
    const socket = await dial();
    expect(accepted).to.have.lengthOf(1);
    accepted[0]?.start(new Recorder());
    accepted[0]?.write("x");
    await once(socket, "data");
    door.close();
  });

  it("tells when there are few descriptors left", async () => {
    const door = doorOf(server, 1);
    await dial();
    expect(troubles).to.deep.equal(["nearly all of 1 open files are in use (EMFILE)"]);
    door.close();
  });

  it("tells of an error of the server", () => {
    const door = doorOf(server);
    server.emit("error", new Error("broken"));
    expect(troubles).to.deep.equal(["broken"]);
    door.close();
  });

  it("has no address once the server is closed", () => {
    server.close();
    expect(doorOf(server).address).to.deep.equal({ family: "unix", host: "", port: 0 });
  });

  it("takes the sockets that Node makes where it cannot have their handles", async () => {
    const opaque = Object.create(server, { _handle: { value: null } }) as Server;
    const door = doorOf(opaque);
    const socket = await dial();
    expect(accepted).to.have.lengthOf(1);
    const recorder = new Recorder();
    accepted[0]?.start(recorder);
    socket.end("by the public way");
    await recorder.told("ended");
    expect(recorder.text).to.equal("by the public way");
    door.close();
  });
});

/** Whether the server answers it; false when it is closed instead. */
async function isServed(socket: Socket): Promise<boolean> {
  socket.write("x");
  return new Promise((done) => {
    socket.once("close", () => done(false));
    socket.once("data", () => done(true));
  });
}

/** Answers each piece. */
function answer(transport: Transport): void {
  const recorder = new Recorder();
  recorder.onPiece = () => transport.write("y");
  transport.start(recorder);
}
