import type { Peer } from "../peers.ts";

/** One figure of a measurement. */
export interface Metric {
  readonly key: string;
  /** With its unit. */
  readonly title: string;
  readonly better: "less" | "more";
  /** Digits after the point. */
  readonly digits: number;
}

/** A figure for each of a workload's metrics, by key. */
export type Sample = Readonly<Record<string, number>>;

/** One of those that are compared, ready to be measured. */
export interface Measurable {
  /** One round of about `seconds`. */
  sample(seconds: number): Promise<Sample>;
  close(): Promise<void>;
}

/** One of those that are compared. */
export interface Contestant {
  readonly name: string;
  open(): Promise<Measurable>;
}

/** Something that is done by each contestant, and what is measured of it. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly metrics: readonly Metric[];
  /** Those of `peers` that can do it; for what has no server, its own list. The first one is what the others are compared to. */
  contestants(peers: readonly Peer[]): readonly Contestant[];
}
