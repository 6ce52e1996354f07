import { createServer, Socket } from "node:net";
import { expect } from "chai";
import { spy } from "sinon";
import {
  closeHandle,
  descriptorOf,
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
});
