import { Writable } from "node:stream";
import { expect } from "chai";
import { Terminal } from "../../lib/cli/terminal.ts";

/** A reader that takes nothing until it is told to. */
class Stuck extends Writable {
  text = "";
  #waiting: (() => void)[] = [];
  #open = false;

  override _write(chunk: Buffer, _encoding: string, taken: () => void): void {
    this.text += chunk.toString();
    if (this.#open) taken();
    else this.#waiting.push(taken);
  }

  open(): void {
    this.#open = true;
    for (const taken of this.#waiting.splice(0)) taken();
  }
}

const KIB = "x".repeat(1023); // with its newline

describe("cli/terminal", () => {
  it("prints lines, and warns elsewhere", async () => {
    const [out, err] = [new Stuck(), new Stuck()];
    const terminal = new Terminal(out, err);
    terminal.print("one");
    terminal.warn("two");
    out.open();
    err.open();
    await terminal.flushed();
    expect([out.text, err.text]).to.deep.equal(["one\n", "two\n"]);
  });

  it("drops what is over 1 MiB unread, and says how many lines when there is room again", async () => {
    const out = new Stuck();
    const terminal = new Terminal(out, new Stuck());
    for (let count = 0; count < 1024; count++) terminal.print(KIB);
    expect(out.writableLength).to.equal(1_048_576);
    terminal.print("still taken: no more than the limit waits");
    terminal.print("dropped");
    terminal.print("dropped");
    const flushed = terminal.flushed();
    out.open();
    await flushed;
    terminal.print("after");
    expect(out.text).to.match(/still taken: .*\n2 lines were dropped\nafter\n$/);
    expect(out.text).not.to.include("dropped\ndropped");
  });

  it("goes on when the reader is gone", async () => {
    const out = new Stuck();
    const terminal = new Terminal(out, new Stuck());
    terminal.print("one");
    out.destroy(new Error("EPIPE"));
    await new Promise(setImmediate);
    terminal.print("two");
    await terminal.flushed();
    expect(out.text).to.equal("one\n");
  });
});
