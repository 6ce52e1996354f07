import type { Clock } from "../defer/clock.ts";
import type { Headers } from "../http/headers.ts";
import type { Address } from "../transport/address.ts";
import type { Exchange } from "./exchange.ts";
import type { ChannelLimits } from "./limits.ts";
import type { Timeouts } from "./timeouts.ts";

/** A request that was answered by the carrier and reached no resource: bad syntax, a limit, a deadline, no room. */
export interface Refusal {
  readonly status: number;
  /** For the log; never sent. */
  readonly message: string;
  readonly client: Address;
  /** The request in progress, whose listener is told of the loss after this; undefined where there is none, or not even a head was understood. */
  readonly exchange: Exchange | undefined;
}

/** What a channel needs of the site. Its functions are the only way from here upward. */
export interface ChannelHost {
  readonly clock: Clock;
  readonly limits: ChannelLimits;
  readonly timeouts: Timeouts;
  /** The lines `Date: …` and, where wanted, `Server: …`, each with its line end. */
  dateAndServer(): string;
  /** Answers a request, now or later. Does not throw. */
  handle(exchange: Exchange): void;
  /** Notes a refusal and gives the page for it, which is ASCII. */
  refuse(refusal: Refusal): { readonly headers: Headers; readonly body: string };
  /** Something that nobody is told of otherwise. */
  report(level: "debug" | "warn", message: string, about?: Exchange): void;
}
