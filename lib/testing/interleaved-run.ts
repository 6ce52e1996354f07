import { ExploredClock } from "./explored-clock.ts";
import { ExploredEnd, type Traffic } from "./explored-end.ts";
import type { Random } from "./random.ts";
import { type Drive, type Program, type Scene, Stage, type Step } from "./stage.ts";

/** What a client waits to send. */
interface Sending {
  readonly words: string;
  readonly send: () => void;
}

/** Of so many times that something else could happen first, time is moved once. */
const CLOCK_ONE_IN = 4;
/** Of so many parts that are sent, one is followed by all that it leads to before the next is sent. */
const SETTLE_ONE_IN = 2;
/** Scenarios that go on for ever are ended after so many steps. */
const MOST_STEPS = 1_000;

/** Several scenarios played at once on one program, what they send and when time moves in an order drawn at random. */
export class InterleavedRun {
  readonly #drives: readonly Drive[];
  readonly #random: Random;
  readonly #stage: Stage;
  readonly #ends: ExploredEnd[] = [];
  readonly #queues: Sending[][];

  constructor(program: Program, drives: readonly Drive[], random: Random) {
    const clock = new ExploredClock(
      (time, move) => this.#deadline(time, move),
      () => false,
    );
    this.#drives = drives;
    this.#random = random;
    this.#queues = drives.map(() => []);
    this.#stage = new Stage(program, clock);
  }

  get steps(): readonly Step[] {
    return this.#stage.steps;
  }

  get problems(): readonly string[] {
    return this.#stage.problems;
  }

  /** Plays it. Once. */
  async play(): Promise<this> {
    await this.#stage.run(async () => {
      await this.#conduct(this.#drives.map((drive, index) => this.#begin(drive, index)));
      for (const end of this.#ends) end.close();
      await this.#stage.settle();
    });
    return this;
  }

  #begin(drive: Drive, index: number): Scene {
    const traffic: Traffic = {
      sending: (words, send) =>
        this.#queues[index]?.push({ words: `client ${index + 1}: ${words}`, send }),
      receiving: (bytes, take) => {
        this.#stage.step(`client ${index + 1}: the server has sent ${bytes} bytes`, false, false);
        take();
      },
    };
    const carrier: Parameters<Stage["begin"]>[1] = (options) => {
      const ends = ExploredEnd.connect(traffic, options);
      this.#ends.push(ends.client);
      return ends;
    };
    return this.#stage.begin(drive, carrier, () => false);
  }

  async #conduct(scenes: readonly Scene[]): Promise<void> {
    const stage = this.#stage;
    const isOver = (): boolean => scenes.every(({ over }) => over);
    const goesOn = (): boolean =>
      isOver() || stage.clock.pending.length > 0 || this.#waiting().length > 0;
    while (this.steps.length < MOST_STEPS) {
      // oxlint-disable-next-line no-await-in-loop -- one thing after the other is the point
      if (this.#waiting().length === 0 || this.#oneIn(SETTLE_ONE_IN)) await stage.settle();
      if (isOver()) return;
      if (this.#sendSomething()) continue;
      if (stage.clock.pending.length > 0) stage.moveOn((time, move) => this.#deadline(time, move));
      // oxlint-disable-next-line no-await-in-loop -- likewise
      else if (!(await stage.waitFor(goesOn))) {
        stage.problems.push("nothing can happen any more, and not all scenarios are over");
        return;
      }
    }
  }

  /** A part of what one of the clients has to send, unless it is time's turn. */
  #sendSomething(): boolean {
    const waiting = this.#waiting();
    if (this.#stage.clock.pending.length > 0 && this.#oneIn(CLOCK_ONE_IN)) return false;
    const sending = waiting[this.#random.below(waiting.length)]?.shift();
    if (sending === undefined) return false;
    this.#stage.step(sending.words, true, false);
    sending.send();
    return true;
  }

  #deadline(time: number, move: () => void): void {
    this.#stage.step(`the clock has reached ${time} ms`, true, false);
    move();
  }

  #waiting(): readonly Sending[][] {
    return this.#queues.filter((queue) => queue.length > 0);
  }

  #oneIn(count: number): boolean {
    return this.#random.below(count) === 0;
  }
}
