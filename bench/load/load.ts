import type { RequestText } from "./request-text.ts";

/** A load, without the server it is for. */
export interface Load {
  readonly text: RequestText;
  readonly connections: number;
}

/** What came of a load. */
export interface LoadResult {
  /** Whole answers. */
  readonly requests: number;
  readonly seconds: number;
  /** Connections that failed and answers other than 2xx. */
  readonly errors: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}
