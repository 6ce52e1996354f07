import { expect } from "chai";
import { ExploredEnd, type Traffic } from "../../lib/testing/explored-end.ts";

/** Everything that is to be heard of a connection, which lets it all pass. */
function heard(): { traffic: Traffic; words: string[] } {
  const words: string[] = [];
  const traffic: Traffic = {
    sending: (what, send) => {
      words.push(what);
      send();
    },
    receiving: (bytes, take) => {
      words.push(`${bytes} bytes`);
      take();
    },
  };
  return { traffic, words };
}

const CUTS: readonly (readonly [sent: string, parts: readonly string[], words: RegExp])[] = [
  ["GET / HTTP/1.1\r\nA: b\r\n\r\n", ["G", "ET / HTTP/1.1\r\n", "A: b\r\n\r", "\n"], /first byte/],
  ["GET / HTTP/1.1\r\n\r\n", ["G", "ET / HTTP/1.1\r\n", "\r", "\n"], /request line/],
  [
    "PUT / HTTP/1.1\r\n\r\nabcdef",
    ["P", "UT / HTTP/1.1\r\n", "\r", "\n", "a", "bc", "de", "f"],
    /half of this part of the body/,
  ],
  ["abcdef", ["a", "bc", "de", "f"], /a byte of the body \(byte 1 of 6\)/],
  ["ab", ["a", "b"], /this part of the body \(byte 2 of 2\)/],
  ["a", ["a"], /this part of the body \(byte 1 of 1\)/],
];

describe("testing/explored-end", () => {
  for (const [sent, parts, words] of CUTS) {
    it(`sends ${JSON.stringify(sent)} in ${parts.length} parts`, () => {
      const { traffic, words: said } = heard();
      const { client, server } = ExploredEnd.connect(traffic, undefined);
      const got: string[] = [];
      server.start({
        received: (bytes) => got.push(Buffer.from(bytes).toString("latin1")),
        ended: () => undefined,
        drained: () => undefined,
        lost: () => undefined,
      });
      expect(client.write(sent)).to.equal(true);
      expect(got).to.deep.equal(parts);
      expect(said).to.have.length(parts.length);
      expect(said.join("\n")).to.match(words);
    });
  }

  it("passes on everything that a transport tells and is told", () => {
    const { traffic, words } = heard();
    const { client, server } = ExploredEnd.connect(traffic, { secure: true });
    const told: string[] = [];
    client.start({
      received: (bytes) => told.push(`received ${bytes.length}`),
      ended: () => told.push("ended"),
      drained: () => told.push("drained"),
      lost: () => told.push("lost"),
    });
    server.start({
      received: () => undefined,
      ended: () => undefined,
      drained: () => undefined,
      lost: () => told.push("server lost"),
    });
    expect(client.secure).to.equal(true);
    server.pause();
    expect(client.write("x".repeat(100_000))).to.equal(false);
    server.resume();
    server.write("abc");
    client.end();
    server.end();
    expect(told).to.deep.equal(["drained", "received 3", "ended", "lost", "server lost"]);
    expect(words).to.include("3 bytes");
  });

  it("does nothing once it is released", () => {
    const { traffic } = heard();
    const { client } = ExploredEnd.connect(traffic, undefined);
    client.release();
    expect(client.write("x")).to.equal(false);
    for (const call of ["end", "close", "abort", "pause", "resume"] as const) client[call]();
    client.allow(1);
    client.start({
      received: () => undefined,
      ended: () => undefined,
      drained: () => undefined,
      lost: () => expect.fail("nothing is told"),
    });
  });
});
