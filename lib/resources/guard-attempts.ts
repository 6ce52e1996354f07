import { createHash } from "node:crypto";
import { HttpError } from "../web/http-error.ts";

/** How many wrong logins are answered as such. */
export interface AttemptLimits {
  /** Wrong logins for one account from one address. */
  readonly failures: number;
  /** From the first of them, in ms. */
  readonly windowMs: number;
}

/** For comparison: OWASP advises 3 to 10 for an account; fail2ban takes 5 in 10 minutes. */
export const DEFAULT_ATTEMPTS: AttemptLimits = Object.freeze({ failures: 10, windowMs: 60_000 });

/** Pairs of account and address that are remembered; beyond it the one that failed first is forgotten. */
const MOST_KEPT = 10_000;

/** Counts wrong logins, for each account and address, on the clock that it is told the time of. */
export class Attempts {
  readonly #limits: AttemptLimits;
  readonly #failures = new Map<string, { readonly since: number; count: number }>();

  constructor(limits: AttemptLimits = DEFAULT_ATTEMPTS) {
    this.#limits = limits;
  }

  /** Throws an {@link HttpError} 429 while there were too many. */
  check(account: string, address: string, now: number): void {
    if (this.#failures.size === 0) return;
    const known = this.#failures.get(keyOf(account, address));
    if (known === undefined || known.count < this.#limits.failures) return;
    const leftMs = known.since + this.#limits.windowMs - now;
    if (leftMs <= 0) return;
    const headers = { "Retry-After": String(Math.ceil(leftMs / 1_000)) };
    throw new HttpError(429, "Too many wrong logins.", { headers });
  }

  failed(account: string, address: string, now: number): void {
    const key = keyOf(account, address);
    const known = this.#failures.get(key);
    if (known !== undefined && now - known.since < this.#limits.windowMs) {
      known.count += 1;
      return;
    }
    this.#failures.delete(key);
    this.#failures.set(key, { since: now, count: 1 });
    if (this.#failures.size <= MOST_KEPT) return;
    const [first = ""] = this.#failures.keys();
    this.#failures.delete(first);
  }
}

/** Accounts may be as long as a client likes; this is not. */
function keyOf(account: string, address: string): string {
  return createHash("sha256").update(`${address} ${account}`).digest("base64url");
}
