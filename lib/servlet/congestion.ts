import type { Clock, DelayedCall } from "../defer/clock.ts";

/** The client does not keep up: 64 KiB or more wait, and still did a turn later. netsvc's `CONNECTION_BLOCKED`. */
export const BLOCKED = 0;
/** After {@link BLOCKED}: the client has taken everything. netsvc's `CONNECTION_CLEARED`. */
export const CLEARED = 1;
/** While blocked: another {@link BACKLOG_BYTES} wait. With 0 pending, after {@link CLEARED}: they are gone. netsvc's `CONNECTION_BACKLOG`. */
export const BACKLOG = 2;

/** What is told of congestion. */
export type CongestionStatus = typeof BLOCKED | typeof CLEARED | typeof BACKLOG;

/** Told with the bytes that wait to be taken by the client. netsvc counts messages. */
export type CongestionCallback = (status: CongestionStatus, pending: number) => void;

/** 1 MiB. For comparison: netsvc tells at each 256 messages of about 4 KiB. */
export const BACKLOG_BYTES: number = 1024 * 1024;

/** What congestion is noticed by. */
export interface Flow {
  readonly clock: Clock;
  /** Bytes that wait. */
  readonly unsent: number;
  /** Resolves when none wait, or all is over. */
  drained(): Promise<void>;
}

/**
 * Turns the answers of `write` into {@link BLOCKED} and {@link CLEARED}, in pairs, never within the write itself.
 *
 * A write says false above a mark of 64 KiB, which is no news by itself: the next turn may find everything sent. So BLOCKED comes when
 * the client has not caught up by then, and CLEARED only when nothing waits any more. What lies between the two marks does not flap.
 */
export class Congestion {
  readonly #flow: Flow;
  readonly #tell: CongestionCallback;
  /** Between a write that said false and the catching up. */
  #waiting = false;
  /** Another write said false since; perhaps after the catching up, which is told of in a microtask. */
  #again = false;
  #blocked = false;
  /** Multiples of BACKLOG_BYTES told of. */
  #backlogs = 0;
  #over = false;
  #call: DelayedCall | undefined;

  constructor(flow: Flow, tell: CongestionCallback) {
    this.#flow = flow;
    this.#tell = tell;
  }

  /** A write said false. */
  slow(): void {
    this.#again = this.#waiting;
    if (!this.#waiting) this.#wait();
    this.#look();
  }

  /** Nothing is told any more. */
  end(): void {
    this.#over = true;
    this.#call?.cancel();
  }

  #wait(): void {
    this.#waiting = true;
    void this.#flow.drained().then(() => {
      if (!this.#again) return this.#caughtUp();
      this.#again = false;
      return this.#wait();
    });
  }

  /** In the next turn, once for all writes of this one. */
  #look(): void {
    if (this.#call?.active === true) return;
    this.#call = this.#flow.clock.callLater(0, () => this.#seen());
  }

  #seen(): void {
    const pending = this.#flow.unsent;
    if (!this.#blocked) {
      this.#blocked = true;
      this.#tell(BLOCKED, pending);
    }
    const backlogs = Math.floor(pending / BACKLOG_BYTES);
    if (backlogs <= this.#backlogs || this.#over) return;
    this.#backlogs = backlogs;
    this.#tell(BACKLOG, pending);
  }

  #caughtUp(): void {
    this.#waiting = false;
    this.#call?.cancel();
    if (this.#over || !this.#blocked) return;
    this.#blocked = false;
    const hadBacklog = this.#backlogs > 0;
    this.#backlogs = 0;
    this.#tell(CLEARED, 0);
    // The first one may have written, or ended it.
    if (hadBacklog && !this.#over && this.#flow.unsent === 0) this.#tell(BACKLOG, 0);
  }
}
