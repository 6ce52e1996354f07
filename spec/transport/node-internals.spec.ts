import { createServer, Socket } from "node:net";
import { expect } from "chai";
import { spy } from "sinon";
import {
  closeHandle,
  descriptorOf,
  TextWriter,
  takeHandles,
  takenByKernel,
} from "../../lib/transport/node-internals.ts";

describe("transport/node-internals", () => {
  it("takes no handles from a server that does not listen", () => {
    expect(takeHandles(createServer(), () => {})).to.equal(false);
  });

  it("takes no handles where they are not told of as expected", () => {
    const server = createServer();
    Reflect.set(server, "_handle", {});
    expect(takeHandles(server, () => {})).to.equal(false);
  });

  it("closes a handle that can be closed", () => {
    const close = spy();
    closeHandle({ close });
    closeHandle({});
    expect(close.callCount).to.equal(1);
  });

  it("knows a descriptor where there is one", () => {
    expect(descriptorOf({ fd: 7 })).to.equal(7);
    expect(descriptorOf({})).to.equal(undefined);
  });

  for (const [handle, taken] of [
    [{ bytesWritten: 10, writeQueueSize: 3 }, 7],
    [{ bytesWritten: 10 }, undefined],
    [{ writeQueueSize: 3 }, undefined],
    [null, undefined],
    ["what", undefined],
  ] as const) {
    it(`takes it that the kernel has ${taken} bytes of ${JSON.stringify(handle)}`, () => {
      const socket = new Socket();
      Object.defineProperty(socket, "_handle", { value: handle });
      expect(takenByKernel(socket)).to.equal(taken);
    });
  }

  describe("TextWriter", () => {
    class Request {
      oncomplete: ((status: number) => void) | undefined = () => {};
    }
    class Handle {
      declare writeQueueSize?: number;

      writeLatin1String(...args: [Request, string]): number {
        sent.push(args);
        return status;
      }
    }
    const sent: [Request, string][] = [];
    let handle: Handle;
    let status: number;
    let socket: Socket;
    let writer: TextWriter;
    let told: [Socket, number][];
    const write = (text: string): number | undefined =>
      writer.write(socket, text, (...args) => told.push(args));

    beforeEach(() => {
      sent.length = 0;
      told = [];
      status = 0;
      handle = Object.assign(new Handle(), { writeQueueSize: 0 });
      socket = new Socket();
      Object.defineProperty(socket, "_handle", { value: handle });
      writer = new TextWriter();
    });

    it("writes nothing before it has seen a write of Node's, and then uses one request for all", () => {
      expect(write("a")).to.equal(undefined);
      expect(handle.writeLatin1String(new Request(), "b")).to.equal(0);
      expect(write("c")).to.equal(0);
      expect(write("d")).to.equal(0);
      expect(sent.map(([, text]) => text)).to.deep.equal(["b", "c", "d"]);
      expect(sent[1]?.[0]).to.be.an.instanceOf(Request).that.equals(sent[2]?.[0]);
      expect(told).to.deep.equal([]);
    });

    it("tells when what waited is out, or failed, with a request for each", () => {
      write("a");
      handle.writeLatin1String(new Request(), "b");
      handle.writeQueueSize = 7;
      expect(write("c")).to.equal(7);
      expect(write("d")).to.equal(7);
      sent[1]?.[0].oncomplete?.(0);
      sent[2]?.[0].oncomplete?.(-32);
      expect(told).to.deep.equal([
        [socket, 0],
        [socket, -32],
      ]);
    });

    it("gives the error of the system", () => {
      write("a");
      handle.writeLatin1String(new Request(), "b");
      status = -32;
      expect(write("c")).to.equal(-32);
      expect(told).to.deep.equal([]);
    });

    it("leaves it to the socket where Node looks otherwise", () => {
      write("a");
      handle.writeLatin1String(Object.assign(new Request(), { oncomplete: undefined }), "b");
      expect(write("c")).to.equal(undefined);
      expect(sent).to.have.length(1);
      writer = new TextWriter();
      Reflect.deleteProperty(handle, "writeQueueSize");
      expect(write("d")).to.equal(undefined);
      handle.writeLatin1String(new Request(), "e");
      expect(write("f")).to.equal(undefined);
      expect(new TextWriter().write(new Socket(), "g", () => {})).to.equal(undefined);
    });
  });
});
