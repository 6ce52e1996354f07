import { Transform } from "node:stream";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import { Compressor, packingStream, type Sink } from "../../lib/resources/compressor.ts";

/** A sink that notes what it is told. */
class Notes implements Sink {
  readonly told: string[] = [];
  readonly pieces: Uint8Array[] = [];
  readonly #over: () => void;

  constructor(over: () => void) {
    this.#over = over;
  }

  write(bytes: Uint8Array): boolean {
    this.pieces.push(bytes);
    return true;
  }

  finish(): void {
    this.told.push("finish");
    this.#over();
  }

  caughtUp(): void {
    this.told.push("caughtUp");
  }

  failed(error: Error): void {
    this.told.push(error.message);
    this.#over();
  }
}

function noting(): { notes: Notes; over: Promise<void> } {
  const all: { notes?: Notes } = {};
  const over = new Promise<void>((resolve) => {
    all.notes = new Notes(resolve);
  });
  return { notes: all.notes as Notes, over };
}

const failing = (): Transform =>
  new Transform({
    transform: (_piece, _encoding, done) => {
      done(new Error("no memory"));
    },
  });

describe("resources/compressor", () => {
  for (const [bytes, expected] of [
    [64 * 1_024 - 1, true],
    [64 * 1_024, false],
    [64 * 1_024 + 1, false],
  ] as const) {
    it(`${expected ? "takes more" : "asks to wait"} with ${bytes} bytes, and packs them`, async () => {
      const { notes, over } = noting();
      const compressor = new Compressor(packingStream("gzip"), notes);
      const body = Buffer.alloc(bytes, "x");
      expect([compressor.write(body), compressor.bytes]).to.deep.equal([expected, bytes]);
      compressor.end();
      await over;
      expect(compressor.bytes).to.equal(0);
      expect(gunzipSync(Buffer.concat(notes.pieces)).equals(body)).to.equal(true);
      expect(notes.told).to.deep.equal(expected ? ["finish"] : ["caughtUp", "finish"]);
    });
  }

  it("packs together what is written while it is at work", async () => {
    const { notes, over } = noting();
    const compressor = new Compressor(packingStream("gzip"), notes);
    for (const piece of ["a", "b", "c", "", "x".repeat(65_000)]) {
      compressor.write(Buffer.from(piece));
    }
    compressor.end();
    await over;
    expect(gunzipSync(Buffer.concat(notes.pieces)).toString()).to.equal(`abc${"x".repeat(65_000)}`);
  });

  it("tells what goes wrong", async () => {
    const { notes, over } = noting();
    new Compressor(failing(), notes).write(Buffer.from("x"));
    await over;
    expect(notes.told).to.deep.equal(["no memory"]);
  });

  it("tells nothing once it is closed", async () => {
    const { notes } = noting();
    for (const stream of [failing(), packingStream("br"), packingStream("gzip")]) {
      const compressor = new Compressor(stream, notes);
      compressor.write(Buffer.from("x"));
      compressor.end();
      const closed = new Promise((resolve) => {
        stream.once("close", resolve);
      });
      compressor.close();
      compressor.write(Buffer.from("y"));
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await closed;
    }
    expect([notes.told, notes.pieces]).to.deep.equal([[], []]);
  });
});
