import { expect } from "chai";
import { type MemoryPair, memoryPair } from "../../lib/transport/memory.ts";
import { behavesLikeTransport, Recorder } from "../contracts/transport.ts";

/** A protocol of functions; what is not given does nothing. */
function started(transport: MemoryPair["server"], recorder = new Recorder()): Recorder {
  transport.start(recorder);
  return recorder;
}

describe("transport/memory", () => {
  behavesLikeTransport(async () => memoryPair());

  it("has the addresses and the secrecy it was given", () => {
    const server = { family: "unix", host: "/run/x.sock", port: 0 } as const;
    const client = { family: "unix", host: "", port: 0 } as const;
    const pair = memoryPair({ server, client, secure: true });
    expect(pair.server).to.include({ local: server, peer: client, secure: true });
    expect(pair.client).to.include({ local: client, peer: server, secure: true });
  });

  it("delivers within the call of the writer", () => {
    const { server, client } = memoryPair();
    const there = started(server);
    const here = started(client);
    there.onPiece = () => server.write("pong");
    client.write("ping");
    expect([there.text, here.text]).to.deep.equal(["ping", "pong"]);
  });

  it("never calls an end that is being called", () => {
    const { server, client } = memoryPair();
    let depth = 0;
    let deepest = 0;
    const there = started(server);
    const here = started(client);
    there.onPiece = () => {
      deepest = Math.max(deepest, ++depth);
      server.write("pong");
      depth--;
    };
    here.onPiece = () => {
      if (there.size < 40_000) client.write("ping");
    };
    client.write("ping");
    expect(deepest).to.equal(1);
    expect(here.size).to.equal(40_000);
  });

  it("spoils borrowed bytes after the call, and leaves those of the writer alone", () => {
    const { server, client } = memoryPair();
    const kept: Uint8Array[] = [];
    const sent = Buffer.from("abc");
    server.start({
      received: (bytes) => kept.push(bytes),
      ended: () => {},
      drained: () => {},
      lost: () => {},
    });
    client.write(sent);
    expect(Buffer.from(kept[0] ?? []).toString()).to.equal("???");
    expect(sent.toString()).to.equal("abc");
  });

  it("delivers at most 64 KiB at once", () => {
    const { server, client } = memoryPair();
    const there = started(server);
    client.write(Buffer.alloc(65_537));
    client.write("x".repeat(65_537));
    const lengths = there.pieces.map(({ length }) => length);
    expect(lengths).to.deep.equal([65_536, 1, 65_536, 1]);
  });

  it("says that the peer is slow from 64 KiB on", () => {
    const { server, client } = memoryPair();
    expect(client.write(Buffer.alloc(65_535))).to.equal(true);
    expect(client.unsent).to.equal(65_535);
    expect(client.write("x")).to.equal(false);
    expect(server.write(Buffer.alloc(65_536))).to.equal(false);
  });

  it("takes only what was allowed", () => {
    const { server, client } = memoryPair();
    const there = started(server);
    const here = started(client);
    client.allow(0);
    expect(server.write(Buffer.alloc(70_000))).to.equal(false);
    client.allow(10_000);
    client.allow(5_000);
    expect([here.size, server.unsent]).to.deep.equal([15_000, 55_000]);
    expect(there.events).to.deep.equal([]);
    client.allow(Number.POSITIVE_INFINITY);
    expect([here.size, server.unsent]).to.deep.equal([70_000, 0]);
    expect(there.events).to.deep.equal(["drained"]);
    server.write("free again");
    expect(here.size).to.equal(70_010);
  });

  it("tells an end even when no byte is allowed", () => {
    const { server, client } = memoryPair();
    const here = started(client);
    client.allow(0);
    server.end();
    expect(here.events).to.deep.equal(["ended"]);
  });

  it("tells both ends within the call that closes", () => {
    const { server, client } = memoryPair();
    const there = started(server);
    const here = started(client);
    client.write("x");
    client.close();
    expect(there.events).to.deep.equal(["received", "ended", "lost"]);
    expect(here.events).to.deep.equal(["lost"]);
  });

  it("drops what is written to a peer that has closed, while the end is being told", () => {
    const { server, client } = memoryPair();
    const written: boolean[] = [];
    const there = new Recorder();
    there.ended = () => written.push(server.write("too late"));
    const here = started(client);
    started(server, there);
    client.close();
    expect(written).to.deep.equal([true]);
    expect(here.size).to.equal(0);
    expect(there.events).to.deep.equal(["lost"]);
  });

  it("finds out by writing that a peer has closed, while it is paused", () => {
    const { server, client } = memoryPair();
    const there = started(server);
    server.pause();
    client.close();
    expect(there.events).to.deep.equal([]);
    expect(server.write("x")).to.equal(false);
    expect(there.events).to.deep.equal(["lost"]);
    expect(there.reason).to.have.property("code", "EPIPE");
  });

  it("finds out by writing that a peer has reset, while it is paused", () => {
    const { server, client } = memoryPair();
    const there = started(server);
    server.pause();
    client.write("x");
    client.abort();
    expect(there.events).to.deep.equal([]);
    expect(server.write("x")).to.equal(false);
    expect(there.events).to.deep.equal(["lost"]);
    expect(there.reason).to.have.property("code", "ECONNRESET");
  });

  it("is reset while it closes, though it is paused", () => {
    const { server, client } = memoryPair();
    const there = started(server);
    started(client);
    server.pause();
    client.allow(0);
    server.write("x");
    server.close();
    client.abort();
    expect(there.reason).to.have.property("code", "ECONNRESET");
  });

  it("closes from both sides though each has bytes for the other", () => {
    const { server, client } = memoryPair();
    const there = started(server);
    const here = started(client);
    server.pause();
    client.pause();
    server.write("x");
    client.write("y");
    server.close();
    client.close();
    expect([there.events, here.events]).to.deep.equal([["lost"], ["lost"]]);
  });

  it("drops what comes to an end that is closing", () => {
    const { server, client } = memoryPair();
    const there = started(server);
    started(client);
    client.allow(0);
    server.write("x");
    server.close();
    expect(client.write("y")).to.equal(true);
    expect(client.unsent).to.equal(0);
    client.allow(1);
    expect(there.events).to.deep.equal(["lost"]);
  });

  it("lets what a protocol throws out of the call that caused it, and goes on", () => {
    const { server, client } = memoryPair();
    const there = started(server);
    there.onPiece = () => {
      throw new Error("not mine");
    };
    expect(() => client.write("x")).to.throw("not mine");
    there.onPiece = () => {};
    client.write("y");
    expect(there.text).to.equal("xy");
    there.ended = () => {
      throw new Error("nor mine");
    };
    expect(() => client.close()).to.throw("nor mine");
    server.resume();
    expect(there.events.at(-1)).to.equal("lost");
  });
});
