import type { Address } from "../channel/address.ts";
import type { Exchange } from "../channel/exchange.ts";
import type { Clock } from "../defer/clock.ts";
import type { CrossOriginPolicy } from "./cross-origin.ts";
import type { End } from "./ending.ts";
import type { Limits } from "./limits.ts";
import type { Logger } from "./log.ts";
import type { Sessions } from "./session.ts";

/** Who sent a request, as far as trusted proxies can tell. */
export interface Origin {
  readonly client: Address;
  readonly secure: boolean;
  /** The host and port it was sent to; never to be echoed unchecked. */
  readonly authority: string;
}

/** The site as its requests see it. */
export interface SiteContext<R> {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly log: Logger;
  /** The time on the wall, in ms since 1970. */
  readonly wallClock: () => number;
  /** A name for the next request, for logs. */
  nextId(): string;
  originOf(exchange: Exchange): Origin;
  readonly sessions: Sessions;
  /** Which pages may make a browser send what changes something; undefined: all. */
  readonly crossOrigin: CrossOriginPolicy | undefined;
  /** Turns what went wrong into an answer, as far as there can be one. */
  failed(request: R, error: unknown): void;
  /** The request is over. */
  over(request: R, end: End): void;
}
