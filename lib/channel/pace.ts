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

/** Whether a client takes fast enough what waits for it. Looked at by the sweep alone, and begun by the first one that finds bytes waiting. */
export class WritePace {
  /** Bytes that it had taken at the last look. */
  #taken: number;
  #progressed: number;
  /** When the span over which the rate is averaged began, and what had been taken by then. */
  #spanBegun: number;
  #takenBefore: number;

  constructor(now: number, taken: number) {
    this.#taken = taken;
    this.#progressed = now;
    this.#spanBegun = now;
    this.#takenBefore = taken;
  }

  /** `taken` is how many bytes it took, ever. */
  stalled(now: number, taken: number, timeouts: Timeouts): boolean {
    if (taken > this.#taken) this.#progressed = now;
    this.#taken = taken;
    if (past(now - this.#progressed, timeouts.writeTimeout)) return true;
    const ms = now - this.#spanBegun;
    if (ms < RESPONSE_SPAN_MS) return false;
    const bytes = taken - this.#takenBefore;
    this.#spanBegun = now;
    this.#takenBefore = taken;
    return tooFew(bytes, ms, timeouts.minResponseRate);
  }
}

function tooFew(bytes: number, ms: number, perSecond: number): boolean {
  return Number.isFinite(perSecond) && bytes * 1_000 < perSecond * ms;
}
