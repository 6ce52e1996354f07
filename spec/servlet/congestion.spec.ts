import { expect } from "chai";
import {
  BACKLOG,
  BACKLOG_BYTES,
  BLOCKED,
  CLEARED,
  Congestion,
  type CongestionStatus,
} from "../../lib/servlet/congestion.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";

const NAMES: Readonly<Record<CongestionStatus, string>> = {
  [BLOCKED]: "blocked",
  [CLEARED]: "cleared",
  [BACKLOG]: "backlog",
};

/** A flow that is as full as the spec says. */
class Pipe {
  readonly clock = new FakeClock();
  unsent = 0;
  readonly told: string[] = [];
  readonly congestion = new Congestion(this, (status, pending) => {
    this.told.push(`${NAMES[status]} ${pending}`);
    this.whenTold();
  });
  whenTold = (): void => undefined;
  #waiting: (() => void)[] | undefined = undefined;

  /** As `request.write`. */
  write(bytes: number): void {
    this.unsent += bytes;
    if (this.unsent < 64 * 1024) return;
    this.#waiting ??= [];
    this.congestion.slow();
  }

  drained(): Promise<void> {
    const waiting = this.#waiting;
    if (waiting === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      waiting.push(resolve);
    });
  }

  /** Everything is taken. */
  empty(): void {
    this.unsent = 0;
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const resolve of waiting) resolve();
  }

  async turn(): Promise<string[]> {
    await this.clock.advanceAsync(0);
    return this.told.splice(0);
  }
}

describe("servlet/congestion", () => {
  it("tells of what is below the mark, at it, and above", async () => {
    for (const [bytes, told] of [
      [65_535, []],
      [65_536, ["blocked 65536"]],
      [65_537, ["blocked 65537"]],
    ] as const) {
      const pipe = new Pipe();
      pipe.write(bytes);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await pipe.turn()).to.deep.equal(told);
    }
  });

  it("does not flap: what is taken by the next turn was no congestion", async () => {
    const pipe = new Pipe();
    for (let round = 0; round < 100; round += 1) {
      pipe.write(100_000);
      pipe.empty();
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await pipe.turn()).to.deep.equal([]);
    }
    expect(pipe.clock.pending).to.deep.equal([]);
  });

  it("tells once of many writes, and once when they are taken", async () => {
    const pipe = new Pipe();
    for (let round = 0; round < 5; round += 1) pipe.write(65_536);
    expect(pipe.told).to.deep.equal([]);
    expect(await pipe.turn()).to.deep.equal([`blocked ${5 * 65_536}`]);
    pipe.write(65_536);
    expect(await pipe.turn()).to.deep.equal([]);
    pipe.empty();
    expect(await pipe.turn()).to.deep.equal(["cleared 0"]);
  });

  it("does not tell that it cleared where more was written before that could be told", async () => {
    const pipe = new Pipe();
    pipe.write(65_536);
    expect(await pipe.turn()).to.deep.equal(["blocked 65536"]);
    pipe.empty();
    pipe.write(65_536);
    expect(await pipe.turn()).to.deep.equal([]);
    pipe.empty();
    expect(await pipe.turn()).to.deep.equal(["cleared 0"]);
  });

  it("tells of each further MiB that waits, and when they are gone", async () => {
    const pipe = new Pipe();
    pipe.write(BACKLOG_BYTES - 1);
    expect(await pipe.turn()).to.deep.equal([`blocked ${BACKLOG_BYTES - 1}`]);
    pipe.write(1);
    expect(await pipe.turn()).to.deep.equal([`backlog ${BACKLOG_BYTES}`]);
    pipe.write(BACKLOG_BYTES - 1);
    expect(await pipe.turn()).to.deep.equal([]);
    pipe.write(2);
    expect(await pipe.turn()).to.deep.equal([`backlog ${2 * BACKLOG_BYTES + 1}`]);
    pipe.empty();
    expect(await pipe.turn()).to.deep.equal(["cleared 0", "backlog 0"]);
  });

  it("does not tell of an empty backlog where the one who was told wrote again, or ended it", async () => {
    for (const end of [false, true]) {
      const pipe = new Pipe();
      pipe.write(BACKLOG_BYTES);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await pipe.turn();
      pipe.whenTold = () => {
        if (end) pipe.congestion.end();
        else pipe.write(10);
      };
      pipe.empty();
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await pipe.turn()).to.deep.equal(["cleared 0"]);
    }
  });

  it("tells nothing once it has ended, at whatever point", async () => {
    for (const turns of [0, 1]) {
      const pipe = new Pipe();
      pipe.write(65_536);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      if (turns > 0) await pipe.turn();
      pipe.congestion.end();
      pipe.empty();
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await pipe.turn()).to.deep.equal([]);
    }
    const pipe = new Pipe();
    pipe.whenTold = () => pipe.congestion.end();
    pipe.write(BACKLOG_BYTES);
    expect(await pipe.turn()).to.deep.equal([`blocked ${BACKLOG_BYTES}`]);
  });
});
