import { ExploredClock } from "./explored-clock.ts";
import { ExploredEnd, type Traffic } from "./explored-end.ts";
import { ReplyError } from "./reply-error.ts";
import { type Drive, type Program, type Scene, Stage, type Step } from "./stage.ts";

// As it is when this is loaded: a test may replace the global one afterwards.
const { queueMicrotask } = globalThis;

/** A program and what a client does with it. */
export interface Scenario extends Program {
  readonly drive: Drive;
}

/** How a client leaves: it closes the connection, resets it, or neither reads nor writes any more. */
export type Manner = "close" | "reset" | "stall";

/** When a client leaves: just before or after a step, counted from 1. */
export interface Departure {
  readonly when: "before" | "after";
  readonly step: number;
  readonly manner: Manner;
}

/** A scenario that goes on for ever is left after so many steps. */
const MOST_STEPS = 300;

/** A scenario played once, to its end or until the client leaves. */
export class ExploredRun implements Traffic {
  readonly #drive: Drive;
  readonly #departure: Departure | undefined;
  readonly #manner: Manner;
  readonly #stage: Stage;
  readonly #ends: ExploredEnd[] = [];
  /** The client leaves as soon as that can be. */
  #leaving = false;
  #left = false;
  #depth = 0;

  constructor(scenario: Scenario, departure?: Departure) {
    this.#drive = scenario.drive;
    this.#departure = departure;
    this.#manner = departure?.manner ?? "close";
    const clock = new ExploredClock(
      (time, move) => this.#deadline(time, move),
      () => this.#left,
    );
    this.#stage = new Stage(scenario, clock);
  }

  get steps(): readonly Step[] {
    return this.#stage.steps;
  }

  /** What was wrong, in words. */
  get problems(): readonly string[] {
    return this.#stage.problems;
  }

  /** The requests that there were; nothing here keeps them. */
  get requests(): readonly WeakRef<object>[] {
    return this.#stage.requests;
  }

  /** Plays it. Once. */
  async play(): Promise<this> {
    await this.#stage.run(async () => {
      await this.#conduct(this.#begin());
      await this.#endConnections();
    });
    for (const end of this.#ends) end.release();
    return this;
  }

  // ── what is heard of the connections and of the clock ──

  sending(words: string, send: () => void): void {
    if (this.#leaving) this.#leaveSoon();
    if (this.#left || this.#leaving) return;
    const step = this.#step(words, true);
    if (this.#departs("before", step)) this.#leaving = true;
    else this.#doing(step, send);
  }

  receiving(bytes: number, take: () => void): void {
    const inside = this.#depth > 0;
    this.#doing(this.#step(`the server has sent ${bytes} bytes`, false), take);
    // Where nothing of the scenario has led to it, this call is the server's own.
    if (!inside && this.#leaving) queueMicrotask(() => this.#leave());
  }

  #deadline(time: number, move: () => void): void {
    const step = this.#step(`the clock has reached ${time} ms`, true);
    if (this.#departs("before", step)) this.#leaving = true;
    if (this.#leaving) this.#leaveSoon();
    else this.#doing(step, move);
  }

  #step(words: string, isStimulus: boolean): number {
    return this.#stage.step(words, isStimulus, this.#depth > 0);
  }

  #doing(step: number, act: () => void): void {
    this.#depth += 1;
    try {
      act();
    } finally {
      this.#depth -= 1;
      if (this.#departs("after", step)) this.#leaving = true;
      if (this.#leaving && this.steps[step - 1]?.isStimulus === true) this.#leaveSoon();
    }
  }

  #departs(when: Departure["when"], step: number): boolean {
    return this.#departure?.step === step && this.#departure.when === when;
  }

  // ── how it is played ──

  #begin(): Scene {
    const carrier: Parameters<Stage["begin"]>[1] = (options) => {
      if (this.#left) throw new ReplyError("the client has left");
      const ends = ExploredEnd.connect(this, options);
      this.#ends.push(ends.client);
      return ends;
    };
    return this.#stage.begin(this.#drive, carrier, () => this.#left || this.#leaving);
  }

  async #conduct(scene: Scene): Promise<void> {
    const stage = this.#stage;
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- one thing after the other is the point
      await stage.settle();
      if (scene.over || this.#left) return;
      if (this.#leaving) this.#leave();
      else if (this.steps.length >= MOST_STEPS) this.#leave("close");
      else if (stage.clock.pending.length > 0) {
        stage.moveOn((time, move) => this.#deadline(time, move));
      }
      // oxlint-disable-next-line no-await-in-loop -- likewise
      else if (!(await stage.waitFor(() => scene.over || stage.clock.pending.length > 0))) {
        stage.problems.push("nothing can happen any more, and the scenario is not over");
        this.#leave("reset");
      }
    }
  }

  /** Not within a call of the program's: no client on a real socket would be noticed there. */
  #leaveSoon(): void {
    if (this.#depth === 0) this.#leave();
  }

  #leave(manner: Manner = this.#manner): void {
    if (this.#left) return;
    this.#left = true;
    this.#stage.stir();
    for (const end of this.#ends) {
      if (manner === "close") end.close();
      else if (manner === "reset") end.abort();
      else end.pause();
    }
  }

  /** The site gets rid of a client that has stalled; one that is still there at the end of the scenario leaves. */
  async #endConnections(): Promise<void> {
    const stalled = this.#left && this.#manner === "stall";
    if (stalled) await this.#stage.waitFor(() => this.#stage.site.connections === 0);
    this.#left = true;
    for (const end of this.#ends) {
      if (stalled) end.abort();
      else end.close();
    }
    await this.#stage.settle();
  }
}
