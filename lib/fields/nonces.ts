import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** How long a nonce may be used and how many of them are remembered. */
export interface NonceLimits {
  /** In ms. Twisted's is 15 minutes. */
  readonly lifeMs: number;
  /** Nonces in use; past it the oldest are taken for stale, which costs their clients one more round trip. */
  readonly kept: number;
}

/** The defaults. */
export const DEFAULT_NONCE_LIMITS: NonceLimits = Object.freeze({
  lifeMs: 15 * 60_000,
  kept: 10_000,
});

/** What a nonce that comes back is: in order, `stale` (too old, or its count does not rise: try with a new one), or not ours. */
export type NonceState = "fresh" | "stale" | "forged";

/**
 * The nonces of Digest authentication: made from the time, 128 random bits and a keyed hash of both, so that nothing is kept
 * until one is used. RFC 7616 section 5.4.
 *
 * Times are ms of one clock that never goes back. Nonces end with the process.
 */
export class Nonces {
  readonly #limits: NonceLimits;
  readonly #key: Buffer = randomBytes(32);
  /** The last count and the time of each nonce in use, in the order of first use. */
  readonly #used = new Map<string, { readonly issued: number; count: number }>();
  /** Up to this time, what is not in use is stale: it may have been forgotten. */
  #forgotten = -Infinity;
  /** Goes with each challenge and must come back. */
  readonly opaque: string = randomBytes(16).toString("base64url");

  constructor(limits: Partial<NonceLimits> = {}) {
    this.#limits = { ...DEFAULT_NONCE_LIMITS, ...limits };
  }

  /** A new nonce. */
  issue(now: number): string {
    const body = Buffer.alloc(BODY_BYTES);
    body.writeDoubleBE(now, 0);
    randomBytes(16).copy(body, 8);
    return Buffer.concat([body, this.#seal(body)]).toString("base64url");
  }

  /** Takes note that a nonce was used for the `count`-th time. To be asked only when all else about the request is right. */
  use(nonce: string, count: number, now: number): NonceState {
    const issued = this.#issued(nonce);
    if (issued === undefined || issued > now) return "forged";
    if (now - issued > this.#limits.lifeMs) return "stale";
    const used = this.#used.get(nonce);
    if (count <= (used?.count ?? 0)) return "stale";
    if (used === undefined && issued <= this.#forgotten) return "stale";
    if (used === undefined) this.#remember(nonce, issued, count);
    else used.count = count;
    return "fresh";
  }

  /** When it was made; undefined where it is not ours. */
  #issued(nonce: string): number | undefined {
    if (nonce.length !== NONCE_CHARACTERS) return undefined;
    const bytes = Buffer.from(nonce, "base64url");
    if (bytes.length !== BODY_BYTES + SEAL_BYTES) return undefined;
    const body = bytes.subarray(0, BODY_BYTES);
    if (!timingSafeEqual(bytes.subarray(BODY_BYTES), this.#seal(body))) return undefined;
    return body.readDoubleBE(0);
  }

  #seal(body: Buffer): Buffer {
    return createHmac("sha256", this.#key).update(body).digest().subarray(0, SEAL_BYTES);
  }

  #remember(nonce: string, issued: number, count: number): void {
    this.#used.set(nonce, { issued, count });
    if (this.#used.size <= this.#limits.kept) return;
    for (const [oldest, { issued: made }] of this.#used) {
      this.#used.delete(oldest);
      this.#forgotten = Math.max(this.#forgotten, made);
      break;
    }
  }
}

const BODY_BYTES = 24;
const SEAL_BYTES = 18;
const NONCE_CHARACTERS = ((BODY_BYTES + SEAL_BYTES) * 4) / 3;
