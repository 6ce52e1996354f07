import { constants } from "node:os";
import { type Clock, systemClock } from "../defer/clock.ts";
import { reportError } from "../defer/report.ts";
import { Job, type JobType, STANDARD_JOB } from "./job.ts";

/** The program is to end: begin nothing new. netsvc's. */
export const SHUTDOWN_PENDING = 0;
/** The program ends now. netsvc's. */
export const SHUTDOWN_ARRIVED = 1;

/** What subscribers of a shutdown are told. */
export type ShutdownPhase = typeof SHUTDOWN_PENDING | typeof SHUTDOWN_ARRIVED;

/** A promise that it returns holds the shutdown in its phase. */
export type ShutdownCallback = (phase: ShutdownPhase) => void | Promise<void>;

/** Where signals come from: the process. */
export interface Signals {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
}

/** How a {@link Dispatcher} is made. */
export interface DispatcherOptions {
  /** Where all its time comes from: the clock of the process unless given. */
  readonly clock?: Clock;
  /** The process, unless given. */
  readonly signals?: Signals;
  /** Ends the process at once, unless given. */
  readonly exit?: (code: number) => void;
  /** How long holds may delay a shutdown, in ms: 30,000. netsvc has no bound. */
  readonly holdMs?: number;
}

/** netsvc's. */
export const DEFAULT_SHUTDOWN_DELAY_MS = 1_000;

/** As long as a site waits for requests when it closes. */
const DEFAULT_HOLD_MS = 30_000;

type Phase = "running" | "pending" | "arrived" | "stopped";

/**
 * The jobs of a clock, and the orderly end of a program. netsvc's `Dispatcher`.
 *
 * There is a loop already, Node's, so that {@link run} only waits for the end. Deviation: not one for the process but as many as are made; those of one clock share its jobs.
 */
export class Dispatcher {
  readonly #clock: Clock;
  readonly #signals: Signals;
  readonly #exit: (code: number) => void;
  readonly #holdMs: number;
  readonly #subscribers = new Set<ShutdownCallback>();
  readonly #monitored = new Map<NodeJS.Signals, () => void>();
  #phase: Phase = "running";
  #holds = 0;
  /** Goes on with the shutdown when the last hold is released. */
  #released: (() => void) | undefined;
  readonly #waiting: (() => void)[] = [];

  constructor(options: DispatcherOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#signals = options.signals ?? process;
    this.#exit = options.exit ?? ((code) => process.exit(code));
    this.#holdMs = options.holdMs ?? DEFAULT_HOLD_MS;
  }

  /** Whether the shutdown has begun. */
  get isShuttingDown(): boolean {
    return this.#phase !== "running";
  }

  /** Puts a job, or a function once, into the queue of its clock. A function is given back as the job that it became. */
  schedule(what: Job | (() => void), type: JobType = STANDARD_JOB): Job {
    const job = what instanceof Job ? what : new Job(what, { clock: this.#clock });
    job.schedule(type);
    return job;
  }

  /** Resolves when the dispatcher is stopped, by the end of a shutdown or by {@link stop}; at once where it is. It does not keep the process up: what is served does. */
  run(): Promise<void> {
    if (this.#phase === "stopped") return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Ends {@link run} without a shutdown, and listens for signals no longer. */
  stop(): void {
    this.#phase = "stopped";
    for (const [signal, listener] of this.#monitored) this.#signals.off(signal, listener);
    this.#monitored.clear();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** From now on this signal begins an orderly shutdown, and a second one meanwhile ends the process at once, with 128 and the signal's number. Until {@link stop}. */
  monitor(signal: NodeJS.Signals): void {
    if (this.#monitored.has(signal) || this.#phase === "stopped") return;
    const listener = (): void => {
      if (this.isShuttingDown) this.#exit(128 + constants.signals[signal]);
      else this.shutdown();
    };
    this.#monitored.set(signal, listener);
    this.#signals.on(signal, listener);
  }

  /**
   * Begins an orderly shutdown, without effect where one has begun: all subscribers are told `SHUTDOWN_PENDING`, after `delayMs` (1,000) and when nobody holds it
   * `SHUTDOWN_ARRIVED`, and then the dispatcher stops. netsvc's `scheduleShutdown` too.
   */
  shutdown(delayMs: number = DEFAULT_SHUTDOWN_DELAY_MS): void {
    if (this.#phase !== "running") return;
    this.#phase = "pending";
    this.#tell(SHUTDOWN_PENDING);
    this.#clock.callLater(delayMs, () => {
      this.#whenReleased(() => this.#arrive());
    });
  }

  /** `callback` is told of both phases. What it throws or rejects with is reported, and the others are told. Dispose to be left alone. */
  subscribeShutdown(callback: ShutdownCallback): Disposable {
    this.#subscribers.add(callback);
    return { [Symbol.dispose]: () => void this.#subscribers.delete(callback) };
  }

  /** Holds a shutdown in its phase until {@link resumeShutdown} was called as often, or the holds have lasted too long. It cannot be called off. */
  suspendShutdown(): void {
    this.#holds += 1;
  }

  /** Throws a RangeError where nothing is held. */
  resumeShutdown(): void {
    if (this.#holds === 0) throw new RangeError("the shutdown is not suspended");
    this.#holds -= 1;
    if (this.#holds === 0) this.#released?.();
  }

  #arrive(): void {
    if (this.#phase !== "pending") return;
    this.#phase = "arrived";
    this.#tell(SHUTDOWN_ARRIVED);
    this.#whenReleased(() => this.stop());
  }

  /** Now where there is no hold, else when the last one goes, or has lasted too long. */
  #whenReleased(goOn: () => void): void {
    if (this.#holds === 0) return goOn();
    const release = (): void => {
      this.#released = undefined;
      late.cancel();
      goOn();
    };
    const late = this.#clock.callLater(this.#holdMs, () => {
      reportError(
        new Error(`${this.#holds} holds delayed it for ${this.#holdMs} ms`),
        "a shutdown, which goes on",
      );
      release();
    });
    this.#released = release;
  }

  #tell(phase: ShutdownPhase): void {
    for (const callback of this.#subscribers) {
      try {
        const result = callback(phase);
        if (result instanceof Promise) void this.#hold(result);
      } catch (error) {
        reportError(error, "a subscriber of the shutdown");
      }
    }
  }

  async #hold(result: Promise<void>): Promise<void> {
    this.suspendShutdown();
    try {
      await result;
    } catch (error) {
      reportError(error, "a subscriber of the shutdown");
    }
    this.resumeShutdown();
  }
}
