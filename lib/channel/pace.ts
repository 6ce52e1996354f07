import type { Timeouts } from "./timeouts.ts";

/** When the average of a body begins to count. Kestrel's grace is 5 s. */
const BODY_GRACE_MS = 10_000;

/** The spans over which a response's rate is averaged, one after the other: a good beginning does not pay for a trickle. */
const RESPONSE_SPAN_MS = 30_000;

/** Whether `ms` is past a time-out; Infinity never is. */
export function past(ms: number, timeoutMs: number): boolean {
  return ms >= timeoutMs;
}

/** Whether a body comes fast enough, counted only while somebody waits for it. */
export class BodyPace {
  readonly #timeouts: Timeouts;
  readonly #begun: number;
  #wantedMs = 0;
  #wantedSince: number | undefined;
  #idleSince: number;

  constructor(timeouts: Timeouts, now: number) {
    this.#timeouts = timeouts;
    this.#begun = now;
    this.#idleSince = now;
  }

  /** Somebody waits for the next piece. */
  wanted(now: number): void {
    if (this.#wantedSince !== undefined) return;
    this.#wantedSince = now;
    this.#idleSince = now;
  }

  /** A piece came, and nobody waits until {@link wanted} says so again. */
  came(now: number): void {
    if (this.#wantedSince === undefined) return;
    this.#wantedMs += now - this.#wantedSince;
    this.#wantedSince = undefined;
  }

  /** `bytes` is what came so far, waited for or not. */
  tooSlow(now: number, bytes: number): boolean {
    if (this.#wantedSince === undefined) return false;
    if (past(now - this.#idleSince, this.#timeouts.bodyIdleTimeout)) return true;
    if (past(now - this.#begun, this.#timeouts.requestTimeout)) return true;
    const wantedMs = this.#wantedMs + now - this.#wantedSince;
    return wantedMs >= BODY_GRACE_MS && tooFew(bytes, wantedMs, this.#timeouts.minBodyRate);
  }
}

/** Whether the client takes a response fast enough, counted only while bytes wait. Looked at by the sweep alone. */
export class WritePace {
  readonly #timeouts: Timeouts;
  #written = 0;
  #taken = 0;
  #progressed: number | undefined;
  /** When the span over which the rate is averaged began, and what had been taken by then. */
  #spanBegun = 0;
  #takenBefore = 0;

  constructor(timeouts: Timeouts) {
    this.#timeouts = timeouts;
  }

  wrote(bytes: number): void {
    this.#written += bytes;
  }

  /** `unsent` as the transport has it now. */
  stalled(now: number, unsent: number): boolean {
    const taken = this.#written - unsent;
    if (unsent === 0) this.#progressed = undefined;
    else if (this.#progressed === undefined) this.#begin(now, taken);
    else if (taken > this.#taken) this.#progressed = now;
    this.#taken = taken;
    return this.#progressed !== undefined && this.#tooSlow(now, this.#progressed);
  }

  #begin(now: number, taken: number): void {
    this.#progressed = now;
    this.#beginSpan(now, taken);
  }

  #beginSpan(now: number, taken: number): void {
    this.#spanBegun = now;
    this.#takenBefore = taken;
  }

  #tooSlow(now: number, progressed: number): boolean {
    if (past(now - progressed, this.#timeouts.writeTimeout)) return true;
    const ms = now - this.#spanBegun;
    if (ms < RESPONSE_SPAN_MS) return false;
    const bytes = this.#taken - this.#takenBefore;
    this.#beginSpan(now, this.#taken);
    return tooFew(bytes, ms, this.#timeouts.minResponseRate);
  }
}

function tooFew(bytes: number, ms: number, perSecond: number): boolean {
  return Number.isFinite(perSecond) && bytes * 1_000 < perSecond * ms;
}
