import { CallQueue } from "./call-queue.ts";
import { creationObserver } from "./creation.ts";
import type { DelayedCall } from "./delayed-call.ts";
import { reportError } from "./report.ts";

export type { DelayedCall } from "./delayed-call.ts";

/** Where all time comes from. Twisted's `IReactorTime`, in milliseconds. */
export interface Clock {
  /** Milliseconds from an arbitrary start; never goes back. */
  now(): number;
  /**
   * Makes the call after `delayMs`, or after it is reset or delayed. What it throws is reported, and other calls are made all the same.
   *
   * Calls are made in order of time, and those for the same time in the order in which they were asked for. Throws RangeError
   * when `delayMs` is negative or not finite.
   */
  callLater<A extends unknown[]>(
    delayMs: number,
    call: (...args: A) => void,
    ...args: A
  ): DelayedCall;
  /** The calls that wait, soonest first, without those of {@link keepHouse}. A copy: it does not change afterwards. */
  readonly pending: readonly DelayedCall[];
}

/** A clock that tells the toolkit's own calls from those of the program. */
export interface Housekeeper extends Clock {
  /** {@link keepHouse} on this clock. */
  keepHouse(delayMs: number, call: () => void): DelayedCall;
}

/**
 * Makes a call of the toolkit itself after `delayMs`: a sweep, a deadline, an expiry.
 *
 * It does not show in `clock.pending` and does not keep the process up. On a clock that cannot tell, it is a call like any other.
 */
export function keepHouse(clock: Clock, delayMs: number, call: () => void): DelayedCall {
  if ("keepHouse" in clock) return (clock as Housekeeper).keepHouse(delayMs, call);
  return clock.callLater(delayMs, call);
}

/** The longest delay, in ms, that a timer of Node's takes. It makes a longer one 1 ms, so those are split. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Node counts whole ms from a start rounded down, so a timer may come up to 1 ms too early. It is then on time. */
const TIMER_SLACK_MS = 1;

const nodesSetTimeout = globalThis.setTimeout;
const nextTurn = globalThis.setImmediate;

/** The one timer of Node's that stands behind all calls. */
interface Alarm {
  /** When it rings, on the clock. */
  readonly at: number;
  /** Which setTimeout made it: a test may replace that, and the replaced one never rings. */
  readonly by: typeof setTimeout;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether it keeps the process up. */
  holds: boolean;
}

/**
 * The clock of the process. Times are ms since it started, by `performance.now()`.
 *
 * Between two calls that are due, promises get their turn, as between timers of Node's. The timer is left as it is when calls
 * are cancelled, since most are, and armed again only for a call that comes sooner.
 *
 * `setTimeout`, `clearTimeout` and `performance` are looked up when they are needed, so that replaced ones (sinon's) move this
 * clock. A replaced timer is believed: when it rings its time has come, whatever `performance` says.
 */
class SystemClock implements Housekeeper {
  readonly #queue = new CallQueue(this);
  #alarm: Alarm | undefined;
  /** Between the ringing of the alarm and the last call that was due then. */
  #ringing = false;
  #source: typeof performance = performance;
  #shift = 0;
  #latest = 0;

  now(): number {
    if (performance !== this.#source) {
      this.#source = performance;
      this.#shift = this.#latest - performance.now();
    }
    const now = performance.now() + this.#shift;
    if (now > this.#latest) this.#latest = now;
    return this.#latest;
  }

  get pending(): readonly DelayedCall[] {
    return this.#queue.pending();
  }

  callLater<A extends unknown[]>(
    delayMs: number,
    call: (...args: A) => void,
    ...args: A
  ): DelayedCall {
    const queued = this.#queue.add(delayMs, call, args);
    creationObserver?.(queued);
    return queued;
  }

  keepHouse(delayMs: number, call: () => void): DelayedCall {
    return this.#queue.add(delayMs, call);
  }

  /** For the queue alone. */
  changed(): void {
    if (this.#ringing) return;
    const { first } = this.#queue;
    const alarm = this.#alarm;
    if (
      first !== undefined &&
      (alarm === undefined || first.time < alarm.at || alarm.by !== globalThis.setTimeout)
    ) {
      this.#arm(first.time);
    }
    this.#hold();
  }

  #arm(time: number): void {
    const by = globalThis.setTimeout;
    // A timer that another setTimeout has made is not clearTimeout's to clear. It rings in vain, or never.
    if (this.#alarm?.by === by) globalThis.clearTimeout(this.#alarm.timer);
    const now = this.now();
    const delayMs = Math.min(Math.max(Math.ceil(time - now), 0), LONGEST_TIMER_MS);
    const alarm: Alarm = { at: Math.min(time, now + delayMs), by, timer: undefined, holds: true };
    alarm.timer = by(() => {
      this.#ring(alarm);
    }, delayMs);
    this.#alarm = alarm;
  }

  /** Keeps the process up while a call waits that is not housekeeping. */
  #hold(): void {
    const alarm = this.#alarm;
    const holds = this.#queue.listed > 0;
    if (alarm === undefined || alarm.holds === holds) return;
    alarm.holds = holds;
    if (holds) alarm.timer?.ref();
    else alarm.timer?.unref();
  }

  #ring(alarm: Alarm): void {
    if (alarm === this.#alarm) {
      this.#alarm = undefined;
      const early = alarm.at - this.now();
      const due = early <= TIMER_SLACK_MS || alarm.by !== nodesSetTimeout;
      if (early > 0 && due) this.#latest = alarm.at;
    }
    if (this.#ringing) return;
    this.#ringing = true;
    const last = this.#queue.sequence;
    if (globalThis.setTimeout === nodesSetTimeout) this.#makeInTurns(last);
    else this.#makeAtOnce(last);
  }

  /**
   * Makes what is due, each call in an immediate of its own, since promises get their turn after each of those.
   *
   * Not what was asked for after the call numbered `last`, here or in {@link #makeAtOnce}: that waits for the next alarm.
   */
  #makeInTurns(last: number): void {
    let left = this.#queue.countDue(this.now());
    const turn = (): void => {
      if (this.#isDue(last)) this.#makeFirst();
      left -= 1;
      if (left <= 0) this.#fallSilent();
    };
    for (let more = left; more > 1; more -= 1) nextTurn(turn);
    turn();
  }

  #makeAtOnce(last: number): void {
    while (this.#isDue(last)) this.#makeFirst();
    this.#fallSilent();
  }

  #makeFirst(): void {
    try {
      this.#queue.take()?.make();
    } catch (error) {
      reportError(error, "a delayed call");
    }
  }

  #fallSilent(): void {
    this.#ringing = false;
    this.changed();
  }

  #isDue(last: number): boolean {
    const { first } = this.#queue;
    return first !== undefined && first.sequence <= last && first.time <= this.now();
  }
}

/**
 * The clock of the process: monotonic, from `performance.now()`; a change of the wall clock does not move it.
 *
 * An exception in a call goes to the reporter of errors (`setReporter`) and the other calls are made. Delays may be longer than
 * the 24.8 days of a timer of Node's. A call that waits keeps the process up, as a timer does.
 */
export const systemClock: Clock = new SystemClock();
