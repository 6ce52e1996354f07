import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect } from "chai";
import { AppProcess } from "./app-process.ts";

const MIB = 1_048_576;
const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/** What is sent and read in the ordinary run; `WEFTLINE_TRANSFER_MIB=1024` for the gigabyte of the requirement. */
const TRANSFER = Number(process.env["WEFTLINE_TRANSFER_MIB"] ?? 128) * MIB;

async function open(app: AppProcess): Promise<Socket> {
  const socket = connect(app.port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

/** What comes up to the end of one answer with a length, or the end of the connection. */
async function answer(socket: Socket): Promise<string> {
  let text = "";
  for await (const piece of socket.iterator({ destroyOnReturn: false })) {
    text += String(piece);
    const [, length] = /\r\nContent-Length: (\d+)\r\n/.exec(text) ?? [];
    if (length !== undefined && text.length >= text.indexOf("\r\n\r\n") + 4 + Number(length)) break;
  }
  return text;
}

async function ask(app: AppProcess, socket?: Socket): Promise<string> {
  const own = socket ?? (await open(app));
  own.write(GET);
  const text = await answer(own);
  if (socket === undefined) own.destroy();
  return text;
}

describe("process/reference-app", function processes() {
  this.timeout(120_000);
  this.slow(20_000);
  let app: AppProcess;

  afterEach(async () => {
    expect(app.errors).to.not.match(/Unhandled|MaxListeners|TypeError/);
    await app.stop();
  });

  it("counts an upload in constant memory", async () => {
    app = await AppProcess.start();
    const socket = await open(app);
    await ask(app);
    const before = app.residentBytes;
    socket.write(`POST /sink HTTP/1.1\r\nHost: a\r\nContent-Length: ${TRANSFER}\r\n\r\n`);
    const piece = Buffer.alloc(MIB, "x");
    let most = before;
    for (let sent = 0; sent < TRANSFER; sent += piece.length) {
      if (!socket.write(piece)) await once(socket, "drain");
      if (sent % (16 * MIB) === 0) most = Math.max(most, app.residentBytes);
    }
    expect(await answer(socket)).to.match(new RegExp(`\\r\\n\\r\\n${TRANSFER}\\n$`));
    socket.destroy();
    expect(most - before).to.be.lessThan(48 * MIB);
  });

  it("streams to a slow reader without growing", async () => {
    app = await AppProcess.start();
    const socket = await open(app);
    await ask(app);
    const before = app.residentBytes;
    socket.pause();
    socket.write(`GET /stream?bytes=${8 * TRANSFER} HTTP/1.1\r\nHost: a\r\n\r\n`);
    let read = 0;
    let most = 0;
    // It reads a share, looks, and reads on: as slow as somebody who looks at the memory of the server all the time.
    for await (const piece of socket) {
      read += (piece as Buffer).length;
      most = Math.max(most, app.residentBytes);
      if (read >= 16 * MIB) break;
    }
    expect(read).to.be.greaterThan(8 * MIB);
    expect(most - before).to.be.lessThan(16 * MIB);
  });

  it("serves on when it runs out of descriptors: idle connections make room, and nothing spins (R4)", async () => {
    app = await AppProcess.start(256);
    const sockets: Socket[] = [];
    const before = app.cpuMs;
    let served = 0;
    for (let count = 0; count < 400; count += 1) {
      const socket = await open(app);
      sockets.push(socket);
      socket.write(GET);
      if ((await answer(socket).catch(() => "")).startsWith("HTTP/1.1 200 ")) served += 1;
    }
    expect(served).to.be.greaterThan(380);
    expect(app.running).to.equal(true);
    expect(app.cpuMs - before).to.be.lessThan(5_000);
    for (const socket of sockets) socket.destroy();
    expect(await ask(app)).to.match(/^HTTP\/1\.1 200 /);
  });
});
