import { expect } from "chai";
import type { Protocol, Transport } from "../../lib/transport/transport.ts";

/** Two connected ends, not started. */
export interface Pair {
  readonly server: Transport;
  readonly client: Transport;
}

export interface TransportTraits {
  /** Whether the other end of an abort learns that it was one. A unix socket only closes. */
  readonly resets: boolean;
}

const MIB = 1024 * 1024;

/** Writes down what it is told, and lets a spec wait for it. */
export class Recorder implements Protocol {
  readonly events: string[] = [];
  readonly pieces: Buffer[] = [];
  size = 0;
  reason: Error | undefined = undefined;
  /** Called after each piece. */
  onPiece: () => void = () => {};
  #waits: { readonly met: () => boolean; readonly resolve: () => void }[] = [];

  get text(): string {
    return Buffer.concat(this.pieces).toString("latin1");
  }

  /** How often it was told `name`. */
  count(name: string): number {
    return this.events.filter((event) => event === name).length;
  }

  received(bytes: Uint8Array): void {
    this.pieces.push(Buffer.from(bytes));
    this.size += bytes.length;
    this.#note("received");
    this.onPiece();
  }

  ended(): void {
    this.#note("ended");
  }

  drained(): void {
    this.#note("drained");
  }

  lost(reason: Error | undefined): void {
    this.reason = reason;
    this.#note("lost");
  }

  /** Resolves at the first event at which `met` holds, or now. */
  async until(met: () => boolean): Promise<void> {
    if (met()) return;
    await new Promise<void>((resolve) => {
      this.#waits.push({ met, resolve });
    });
  }

  async told(name: string): Promise<void> {
    await this.until(() => this.events.includes(name));
  }

  #note(event: string): void {
    this.events.push(event);
    const due = this.#waits.filter(({ met }) => met());
    this.#waits = this.#waits.filter((wait) => !due.includes(wait));
    for (const { resolve } of due) resolve();
  }
}

/** What every transport does. `make` gives a fresh pair; both ends are aborted after each spec. */
export function behavesLikeTransport(
  make: () => Promise<Pair>,
  traits: TransportTraits = { resets: true },
): void {
  let pair: Pair;
  let server: Recorder;
  let client: Recorder;

  beforeEach(async () => {
    pair = await make();
    server = new Recorder();
    client = new Recorder();
  });

  afterEach(async () => {
    pair.client.abort();
    pair.server.abort();
    if (!server.events.includes("lost")) await lostAfterStart(pair.server, server);
    if (!client.events.includes("lost")) await lostAfterStart(pair.client, client);
    expect(server.count("lost"), "server lost").to.equal(1);
    expect(client.count("lost"), "client lost").to.equal(1);
    expect(server.events.at(-1)).to.equal("lost");
    expect(client.events.at(-1)).to.equal("lost");
  });

  const start = (): void => {
    pair.server.start(server);
    pair.client.start(client);
  };

  it("names both ends alike", () => {
    expect(pair.server.local.family).to.equal(pair.client.peer.family);
    expect(pair.server.local.port).to.equal(pair.client.peer.port);
    expect(pair.server.peer.port).to.equal(pair.client.local.port);
    expect(pair.server.secure).to.equal(pair.client.secure);
  });

  it("delivers strings and bytes in order, both ways", async () => {
    start();
    pair.client.write("one ");
    pair.client.write(Buffer.from("two "));
    pair.client.writeBoth("three ", Buffer.from("fo"), "u");
    pair.client.writeBoth("", new Uint8Array([0x72]), "");
    pair.server.write("\u00ff\u0001");
    await server.until(() => server.text === "one two three four");
    await client.until(() => client.text === "\u00ff\u0001");
  });

  it("delivers at start what came before", async () => {
    pair.client.start(client);
    pair.client.write("early");
    pair.client.end();
    pair.server.start(server);
    await server.told("ended");
    expect(server.text).to.equal("early");
  });

  it("sends a large body behind its head", async () => {
    start();
    const body = Buffer.alloc(300_000, "b");
    pair.server.writeBoth("head", body, "tail");
    pair.server.writeBoth("", body, "");
    await client.until(() => client.size === 2 * body.length + 8);
    const text = body.toString("latin1");
    expect(client.text === `head${text}tail${text}`).to.equal(true);
  });

  it("delivers 1 MiB of changing bytes unharmed", async () => {
    start();
    const bytes = Buffer.from(Array.from({ length: MIB }, (_, index) => (index * 31) % 251));
    for (let at = 0; at < MIB; at += 10_000) pair.client.write(bytes.subarray(at, at + 10_000));
    await server.until(() => server.size === MIB);
    expect(Buffer.concat(server.pieces).equals(bytes)).to.equal(true);
  });

  for (const kind of ["bytes", "text"] as const) {
    it(`says that the peer is slow, takes the bytes all the same, and says when all are gone (${kind})`, async () => {
      start();
      pair.client.pause();
      const written = fill(pair.server, kind);
      expect(pair.server.unsent).to.be.at.least(64 * 1024);
      expect(server.events).not.to.include("drained");
      pair.client.resume();
      await server.told("drained");
      expect(pair.server.unsent).to.equal(0);
      await client.until(() => client.size === written);
      expect(server.count("drained")).to.equal(1);
    });

    it(`closes while the peer is slow, and is lost when the peer has it all (${kind})`, async () => {
      start();
      pair.client.pause();
      const written = fill(pair.server, kind);
      pair.server.close();
      expect(server.events).to.deep.equal([]);
      pair.client.resume();
      await Promise.all([server.told("lost"), client.told("ended")]);
      expect(client.size).to.equal(written);
      expect(server.reason).to.equal(undefined);
    });

    it(`drops what is unsent when it aborts (${kind})`, async () => {
      start();
      pair.client.pause();
      const written = fill(pair.server, kind);
      pair.server.abort();
      await server.told("lost");
      expect(pair.server.unsent).to.equal(0);
      pair.client.resume();
      // libuv tells a reset that is found behind unread bytes as an end.
      await client.until(() => client.events.includes("ended") || client.events.includes("lost"));
      expect(client.size).to.be.below(written);
    });

    it(`says once that all is taken, also if it was asked twice or has ended (${kind})`, async () => {
      start();
      pair.client.pause();
      const written = fill(pair.server, kind);
      pair.server.askDrained();
      pair.server.askDrained();
      pair.server.end();
      pair.client.resume();
      await Promise.all([server.told("drained"), client.told("ended")]);
      expect(client.size).to.equal(written);
      pair.client.end();
      await server.told("lost");
      expect(server.count("drained")).to.equal(1);
    });

    it(`drops what is unsent when it aborts after its end (${kind})`, async () => {
      start();
      pair.client.pause();
      const written = fill(pair.server, kind);
      pair.server.end();
      pair.server.abort();
      await server.told("lost");
      expect(server.reason).to.have.property("code", "ECONNABORTED");
      pair.client.resume();
      await client.until(() => client.events.includes("ended") || client.events.includes("lost"));
      expect(client.size).to.be.below(written);
    });

    it(`finds out by writing that the peer has reset (${kind})`, async () => {
      start();
      pair.server.pause();
      pair.client.abort();
      await client.told("lost");
      fill(pair.server, kind);
      await server.told("lost");
      expect(pair.server.unsent).to.equal(0);
    });
  }

  it("lets unsent only shrink while the peer reads", async () => {
    start();
    pair.client.pause();
    const written = 16 * MIB;
    for (let sent = 0; sent < written; sent += MIB) pair.server.write(Buffer.alloc(MIB));
    const seen = [pair.server.unsent];
    client.onPiece = () => seen.push(pair.server.unsent);
    pair.client.resume();
    await client.until(() => client.size === written);
    expect(seen).to.deep.equal(seen.toSorted((a, b) => b - a));
    expect(new Set(seen).size).to.be.above(2);
    await server.told("drained");
    expect(pair.server.unsent).to.equal(0);
  });

  it("delivers nothing while it is paused, and all of it afterwards", async () => {
    start();
    pair.server.pause();
    pair.client.write("wait");
    pair.client.end();
    pair.server.write("still writing");
    await client.told("received");
    expect(server.events).to.deep.equal([]);
    pair.server.resume();
    await server.told("ended");
    expect(server.text).to.equal("wait");
  });

  it("delivers nothing when it was paused before its start", async () => {
    pair.server.pause();
    start();
    pair.client.write("wait");
    pair.server.write("started");
    await client.told("received");
    expect(server.events).to.deep.equal([]);
    pair.server.resume();
    await server.told("received");
    expect(server.text).to.equal("wait");
  });

  it("forgets a pause that was over before its start", async () => {
    pair.server.pause();
    pair.server.resume();
    start();
    pair.client.write("go");
    pair.client.end();
    await server.told("ended");
    expect(server.text).to.equal("go");
  });

  it("may be written to until it is found that the peer has reset", async () => {
    start();
    pair.client.abort();
    while (!server.events.includes("lost")) {
      pair.server.write("x");
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    expect(pair.server.write("x")).to.equal(false);
  });

  it("stops after the piece within which it was paused", async () => {
    start();
    server.onPiece = () => pair.server.pause();
    pair.client.write(Buffer.alloc(MIB));
    await server.told("received");
    expect(server.count("received")).to.equal(1);
    server.onPiece = () => {};
    pair.server.resume();
    await server.until(() => server.size === MIB);
  });

  for (const first of ["client", "server"] as const) {
    const second = first === "client" ? "server" : "client";

    it(`goes on from the ${second} after the ${first} has ended, until both have`, async () => {
      start();
      const [recorder, other] = first === "client" ? [client, server] : [server, client];
      pair[first].write("last words");
      pair[first].end();
      await other.told("ended");
      expect(other.text).to.equal("last words");
      expect(pair[first].write("more")).to.equal(false);
      pair[second].write("answer");
      pair[second].end();
      await Promise.all([recorder.told("lost"), other.told("lost")]);
      expect(recorder.text).to.equal("answer");
      expect(other.text).to.equal("last words");
      expect(recorder.events.slice(-2)).to.deep.equal(["ended", "lost"]);
      expect([recorder.reason, other.reason]).to.deep.equal([undefined, undefined]);
    });

    it(`gets everything out when the ${first} closes`, async () => {
      start();
      const [recorder, other] = first === "client" ? [client, server] : [server, client];
      pair[first].write(Buffer.alloc(MIB, "x"));
      pair[first].close();
      await Promise.all([recorder.told("lost"), other.told("ended")]);
      expect(other.size).to.equal(MIB);
      pair[second].close();
      await other.told("lost");
      expect([recorder.reason, other.reason]).to.deep.equal([undefined, undefined]);
      expect(recorder.events.filter((event) => event !== "lost")).to.deep.equal([]);
    });

    it(`resets the connection when the ${first} aborts`, async () => {
      start();
      const [recorder, other] = first === "client" ? [client, server] : [server, client];
      pair[first].write("before");
      await other.told("received");
      pair[first].abort();
      await recorder.told("lost");
      expect(recorder.reason).to.be.an("error").with.property("code", "ECONNABORTED");
      if (traits.resets) {
        await other.told("lost");
        expect(other.reason).to.be.an("error").with.property("code", "ECONNRESET");
      } else {
        await other.until(() => other.events.includes("ended") || other.events.includes("lost"));
      }
    });
  }

  it("says when all is taken, where it is asked", async () => {
    start();
    pair.server.write("x");
    pair.server.askDrained();
    await server.told("drained");
    expect(pair.server.unsent).to.equal(0);
    pair.server.askDrained();
    await server.until(() => server.count("drained") === 2);
  });

  it("says when all is taken of what was written after it was asked", async () => {
    start();
    pair.client.pause();
    pair.server.askDrained();
    const written = fill(pair.server);
    pair.client.resume();
    await client.until(() => client.size === written);
    await server.told("drained");
    await server.until(() => pair.server.unsent === 0);
  });

  it("tells at its start that it was lost before", async () => {
    pair.client.start(client);
    pair.server.abort();
    await client.until(() => client.events.includes("ended") || client.events.includes("lost"));
    pair.server.start(server);
    await server.told("lost");
    expect(server.events).to.deep.equal(["lost"]);
  });

  it("does nothing once it is lost", async () => {
    start();
    pair.server.abort();
    await server.told("lost");
    expect(pair.server.write("x")).to.equal(false);
    expect(pair.server.writeBoth("x", Buffer.from("y"), "")).to.equal(false);
    expect(pair.server.writeBoth("x", Buffer.alloc(MIB), "")).to.equal(false);
    expect(pair.server.unsent).to.equal(0);
    pair.server.pause();
    pair.server.resume();
    pair.server.askDrained();
    pair.server.end();
    pair.server.close();
    pair.server.abort();
    expect(server.events).to.deep.equal(["lost"]);
  });

  it("may be closed within a call", async () => {
    start();
    server.onPiece = () => {
      pair.server.write("bye");
      pair.server.close();
    };
    pair.client.write("hello");
    await Promise.all([client.told("ended"), server.told("lost")]);
    expect(client.text).to.equal("bye");
  });

  it("may be aborted right after its end", async () => {
    start();
    pair.server.write("x");
    pair.server.end();
    pair.server.abort();
    await server.told("lost");
    expect(server.reason).to.have.property("code", "ECONNABORTED");
  });

  it("may be aborted within a call, and is not told more", async () => {
    start();
    server.onPiece = () => pair.server.abort();
    pair.client.write(Buffer.alloc(MIB));
    await server.told("lost");
    expect(server.events).to.deep.equal(["received", "lost"]);
  });
}

async function lostAfterStart(transport: Transport, recorder: Recorder): Promise<void> {
  transport.start(recorder);
  await recorder.told("lost");
}

const PIECES = { bytes: Buffer.alloc(MIB, "x"), text: "x".repeat(MIB) };

/** Writes pieces until the transport says stop; the bytes written. */
function fill(from: Transport, kind: keyof typeof PIECES = "bytes"): number {
  const piece = PIECES[kind];
  let written = MIB;
  while (from.write(piece)) written += MIB;
  return written;
}
