import { Resource } from "../web/resource.ts";
import { Site } from "../web/site.ts";
import { type ExploredClock, ofScenario, turn } from "./explored-clock.ts";
import { FakeClock } from "./fake-clock.ts";
import { TestClient, type TestClientOptions } from "./test-client.ts";
import { errorInWords, Witness } from "./witness.ts";

/** Plays a client. It is over when what it returns, a reply or any promise, has settled. */
export type Drive = (client: TestClient, clock: FakeClock) => unknown;

/** A program that is explored. */
export interface Program {
  /** Makes a fresh one. A resource gets a site of its own; a site is best made with the clock that is given. */
  readonly site: (clock: FakeClock) => Site | Resource;
  /** Throws, or rejects, when the state of the program is wrong after a run. What it returns does not matter. */
  readonly invariant?: (() => unknown) | undefined;
  /** How the clients make their connections. */
  readonly client?: Omit<TestClientOptions, "clock"> | undefined;
}

/** A scenario on its way. */
export interface Scene {
  over: boolean;
}

/** Something that happens in a scenario. */
export interface Step {
  readonly words: string;
  /** Whether the scenario did it; otherwise the program did, in answer. */
  readonly isStimulus: boolean;
  /** Whether it came about within another step, in the same call. */
  readonly isWithin: boolean;
}

/** Turns of the event loop without news after which nothing more happens by itself. */
const IDLE_TURNS = 3;
/** How long time is moved for the deadlines of the site to come, in ms: the longest is that of an idle connection. */
const PATIENCE_MS = 180_000;
/** In such steps. */
const PATIENCE_STEP_MS = 5_000;
/** What work in progress outside of JavaScript is called by Node; see `FakeClock.autoAdvance`. */
const WORK = /Req|Connect|Job/;

/** A fresh program, with everything around it that a run needs: its time, a witness, and when nothing more happens. */
export class Stage {
  readonly steps: Step[] = [];
  /** What was wrong, in words. */
  readonly problems: string[] = [];
  /** The requests that there were; nothing here keeps them. */
  requests: readonly WeakRef<object>[] = [];
  readonly #program: Program;
  readonly #witness = new Witness();
  readonly #ownClock: ExploredClock;
  #site: Site | undefined = undefined;
  #news = 0;

  /** `clock` is for the program. */
  constructor(program: Program, clock: ExploredClock) {
    this.#program = program;
    this.#ownClock = clock;
  }

  get clock(): FakeClock {
    const { clock } = this.site;
    if (clock instanceof FakeClock) return clock;
    throw new TypeError(
      "the site runs on a clock that is not a FakeClock: use the one that is given",
    );
  }

  get site(): Site {
    /* c8 ignore next -- `run` opens it before anybody can ask */
    if (this.#site === undefined) throw new Error("the site is not open");
    return this.#site;
  }

  /** Makes the program, has `play` do something with it, and judges. Once. */
  async run(play: () => Promise<void>): Promise<void> {
    this.#witness.begin();
    try {
      const made = this.#program.site(this.#ownClock);
      this.#site = made instanceof Resource ? new Site(made, { clock: this.#ownClock }) : made;
      this.#witness.standBy(this.site, this.clock);
      await ofScenario.run(true, play);
      this.problems.push(...this.#witness.verdict(this.site, this.clock));
      await this.#checkInvariant();
      this.requests = this.#witness.requests(this.clock);
    } finally {
      this.#witness.end();
    }
  }

  /** Lets a client begin. What it fails with is a problem, unless `isExcused`. */
  begin(drive: Drive, carrier: TestClientOptions["carrier"], isExcused: () => boolean): Scene {
    const scene: Scene = { over: false };
    const client = new TestClient(this.site, {
      ...this.#program.client,
      ...(carrier && { carrier }),
    });
    const end = (): void => {
      scene.over = true;
      this.#news += 1;
    };
    new Promise((resolve) => {
      resolve(drive(client, this.clock));
    }).then(end, (error: unknown) => {
      if (!isExcused()) this.problems.push(`the scenario failed: ${errorInWords(error)}`);
      end();
    });
    return scene;
  }

  /** Counts it, and gives its number, from 1. */
  step(words: string, isStimulus: boolean, isWithin: boolean): number {
    this.#news += 1;
    return this.steps.push({ words, isStimulus, isWithin });
  }

  /** Something has changed: more may happen by itself. */
  stir(): void {
    this.#news += 1;
  }

  /** Until nothing more happens by itself. */
  async settle(): Promise<void> {
    let seen = -1;
    for (let idle = 0; idle < IDLE_TURNS; idle += 1) {
      // oxlint-disable-next-line no-await-in-loop -- turns come one after another
      await turn();
      if (seen === this.#news && !process.getActiveResourcesInfo().some(isWork)) continue;
      seen = this.#news;
      idle = 0;
    }
  }

  /** To the next moment at which a call of the program falls due. `deadline` is asked where the clock does not ask itself. */
  moveOn(deadline: (time: number, move: () => void) => void): void {
    const { clock } = this;
    const [next] = clock.pending;
    if (clock === this.#ownClock) this.catching(() => clock.runToNext());
    else if (next !== undefined) deadline(next.time, () => this.catching(() => clock.runToNext()));
  }

  /** Moves time for the deadlines of the site to come, until `happened`; false when it has not. */
  async waitFor(happened: () => boolean): Promise<boolean> {
    for (let waited = 0; waited < PATIENCE_MS && !happened(); waited += PATIENCE_STEP_MS) {
      this.catching(() => {
        if (this.clock === this.#ownClock) this.#ownClock.move(PATIENCE_STEP_MS);
        else this.clock.advance(PATIENCE_STEP_MS);
      });
      // oxlint-disable-next-line no-await-in-loop -- one deadline after the other
      await this.settle();
    }
    return happened();
  }

  /** What delayed calls throw is a problem. */
  catching(move: () => void): void {
    try {
      move();
    } catch (error) {
      this.#witness.threw(error, "a delayed call threw");
    }
  }

  async #checkInvariant(): Promise<void> {
    try {
      await this.#program.invariant?.();
    } catch (error) {
      this.problems.push(`the invariant does not hold: ${errorInWords(error)}`);
    }
  }
}

function isWork(resource: string): boolean {
  return WORK.test(resource);
}
