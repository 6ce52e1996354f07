import { CallQueue, type QueuedCall } from "../defer/call-queue.ts";
import type { DelayedCall, Housekeeper } from "../defer/clock.ts";
import { creationObserver } from "../defer/creation.ts";
import { validDelay } from "../defer/delayed-call.ts";
import { Place } from "../defer/place.ts";

/** What a {@link FakeClock} is made with. */
export interface FakeClockOptions {
  /** What `now()` is at first, in ms. 0 when absent. */
  readonly now?: number;
  /** Whether it begins with {@link FakeClock.autoAdvance} on. False when absent. */
  readonly autoAdvance?: boolean;
}

/** A call that waits on a {@link FakeClock}, and knows who asked for it. */
export interface PendingCall extends DelayedCall {
  /** `path/file.ts:12:5`: where `callLater` was called, outside the toolkit. */
  readonly place: string;
  /** All frames of that call, one a line. */
  readonly stack: string;
}

/** So many calls that were asked for in the moment in which they fall due are taken for a loop without end. */
const MOST_CALLS_AT_ONCE = 10_000;

/** Turns of the event loop without any news, after which time is moved by `autoAdvance`. */
const IDLE_TURNS = 3;

/** What work in progress outside of JavaScript is called by Node: files, look-ups, connects, crypto. Streams and timers are not. */
const WORK = /Req|Connect|Job/;

// As they are when this is loaded: a test may replace the global ones afterwards.
const nextTurn = globalThis.setImmediate;

/**
 * A clock that stands still until a test moves it. Twisted's `task.Clock`, in milliseconds.
 *
 * Each call is made when `now()` is the time that it was due, in order of time, and of registration where times are equal; a
 * call that is asked for meanwhile, and falls due meanwhile, is made in its turn. (Twisted's clock jumps to the end first.)
 *
 * What a call throws is kept until every call that was due has been made, and is then thrown by the method that moved the clock:
 * the error itself where there was one, else an AggregateError.
 */
export class FakeClock implements Housekeeper {
  readonly #queue: CallQueue;
  #now: number;
  /** Counts what happens, so that `autoAdvance` can see that nothing does. */
  #news = 0;
  #auto = false;
  #watching = false;

  constructor({ now = 0, autoAdvance = false }: FakeClockOptions = {}) {
    this.#now = now;
    this.#queue = new CallQueue({
      now: () => this.#now,
      changed: () => {
        this.#news += 1;
        if (this.#auto) this.#watch();
      },
    });
    if (autoAdvance) this.autoAdvance();
  }

  now(): number {
    return this.#now;
  }

  callLater<A extends unknown[]>(
    delayMs: number,
    call: (...args: A) => void,
    ...args: A
  ): DelayedCall {
    const queued = this.#queue.add(delayMs, call, args);
    queued.origin = new Place();
    creationObserver?.(queued);
    return queued;
  }

  /** For the toolkit's own calls, see `keepHouse` in defer/clock.ts. */
  keepHouse(delayMs: number, call: () => void): DelayedCall {
    const queued = this.#queue.add(delayMs, call);
    queued.origin = new Place();
    return queued;
  }

  /** The calls that wait, soonest first, each with the place where it was asked for. Those of the toolkit's own are in {@link housekeeping}. */
  get pending(): readonly PendingCall[] {
    return this.#queue.pending();
  }

  /** The toolkit's own calls that wait, soonest first: deadlines, expiries, sweeps. They are made like the others. */
  get housekeeping(): readonly PendingCall[] {
    return this.#queue.pending(false);
  }

  /**
   * Moves time by `ms`, and makes the calls that fall due on the way. 0 makes what is due now.
   *
   * Promises get no turn: what waits for one happens after this returns. Use {@link advanceAsync} where that matters. Throws
   * RangeError when `ms` is negative, and what the calls threw.
   */
  advance(ms: number): void {
    const end = this.#now + validDelay(ms);
    const moments = new Moments(this.#queue);
    for (let call = this.#takeDue(end); call !== undefined; call = this.#takeDue(end)) {
      moments.make(call);
    }
    this.#moveTo(end);
    moments.rethrow();
  }

  /**
   * Moves time by `ms` like {@link advance}, but lets promises, and what they start, get on before each call and at the end.
   *
   * It waits for one turn of the event loop each time, which is enough for any number of promises, not for files and sockets.
   * Rejects with what {@link advance} throws.
   */
  async advanceAsync(ms: number): Promise<void> {
    const end = this.#now + validDelay(ms);
    const moments = new Moments(this.#queue);
    await turn();
    for (let call = this.#takeDue(end); call !== undefined; call = this.#takeDue(end)) {
      moments.make(call);
      // oxlint-disable-next-line no-await-in-loop -- one call after the other is the point
      await turn();
    }
    this.#moveTo(end);
    await turn();
    moments.rethrow();
  }

  /** Moves time by each of `steps` in turn, in ms. Twisted's. Stops at the first step that throws. */
  pump(steps: Iterable<number>): void {
    for (const ms of steps) this.advance(ms);
  }

  /**
   * Moves time to the next call of {@link pending}, and makes whatever is due by then. False when there is none.
   *
   * Housekeeping does not count: there is always some. Throws what {@link advance} throws.
   */
  runToNext(): boolean {
    const [next] = this.pending;
    if (next === undefined) return false;
    this.advance(Math.max(next.time - this.#now, 0));
    return true;
  }

  /**
   * From now on moves time by itself, as by {@link runToNext}, whenever nothing else can happen: no promise, no file, no look-up.
   *
   * Only while there is a call in {@link pending}. It cannot know of data on the way through a real socket, or of another process.
   * What a call throws then has no caller and becomes an uncaught exception, which fails the test. Dispose of the result to end it.
   */
  autoAdvance(): Disposable {
    this.#auto = true;
    this.#watch();
    return {
      [Symbol.dispose]: () => {
        this.#auto = false;
      },
    };
  }

  /** The next call that is due by `end`, with time moved to it. */
  #takeDue(end: number): QueuedCall | undefined {
    const { first } = this.#queue;
    if (first === undefined || first.time > end) return undefined;
    this.#news += 1;
    this.#moveTo(first.time);
    return this.#queue.take();
  }

  /** A call may have moved time further than the step in which it was made. It never goes back. */
  #moveTo(time: number): void {
    if (time > this.#now) this.#now = time;
  }

  #watch(): void {
    if (this.#watching || this.#queue.listed === 0) return;
    this.#watching = true;
    this.#look(this.#news, IDLE_TURNS);
  }

  /** Looks once a turn whether there are news, and moves time when there have been none for some turns. */
  #look(news: number, turns: number): void {
    nextTurn(() => {
      if (!this.#auto || this.#queue.listed === 0) {
        this.#watching = false;
      } else if (news !== this.#news || process.getActiveResourcesInfo().some(isWork)) {
        this.#look(this.#news, IDLE_TURNS);
      } else if (turns > 1) {
        this.#look(news, turns - 1);
      } else {
        this.#watching = false;
        try {
          this.runToNext();
        } finally {
          this.#watch();
        }
      }
    });
  }
}

/** Makes calls, keeps what they throw, and notices when time stands still. */
class Moments {
  readonly #queue: CallQueue;
  readonly #thrown: unknown[] = [];
  #time = NaN;
  /** The sequence of the last call that was asked for before this moment. */
  #before = 0;
  #calls = 0;

  constructor(queue: CallQueue) {
    this.#queue = queue;
  }

  make(call: QueuedCall): void {
    if (call.time !== this.#time) {
      this.#time = call.time;
      this.#before = this.#queue.sequence;
      this.#calls = 0;
    }
    if (call.sequence > this.#before) this.#calls += 1;
    if (this.#calls > MOST_CALLS_AT_ONCE) {
      throw new Error(
        `more than ${MOST_CALLS_AT_ONCE} calls asked for and due at ${call.time} ms, the last from ${call.place}: time cannot go on`,
      );
    }
    try {
      call.make();
    } catch (error) {
      this.#thrown.push(error);
    }
  }

  rethrow(): void {
    // oxlint-disable-next-line typescript/only-throw-error -- whatever the call threw
    if (this.#thrown.length === 1) throw this.#thrown[0];
    if (this.#thrown.length > 1) {
      throw new AggregateError(this.#thrown, this.#thrown.map(String).join("; "));
    }
  }
}

function isWork(resource: string): boolean {
  return WORK.test(resource);
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    nextTurn(resolve);
  });
}
