import { DEFAULT_PARSER_LIMITS, type ParserLimits } from "../http/limits.ts";

/** What one connection, and all of them, may take. Bytes, unless the name says otherwise; 0 or Infinity turns one off. */
export interface ChannelLimits extends ParserLimits {
  /** Input that waits, body or further requests, before the connection is paused and looked at once a second only. */
  readonly readAheadBytes: number;
  /** Body that nobody asked for, read and dropped after the answer to keep the connection; past it the connection closes. */
  readonly drainBytes: number;
  /** Read and dropped after the last answer, so that a client still sending gets to read it. */
  readonly lingerBytes: number;
  /** How long that may take, in ms. */
  readonly lingerMs: number;
  /** Connections at once; one more is answered 503. */
  readonly maxConnections: number;
  /** Connections at once from one address; off. */
  readonly maxConnectionsPerAddress: number;
}

/** For comparison: nginx lingers 30 s, Node not at all; Kestrel and Node set no bound on connections. */
export const DEFAULT_CHANNEL_LIMITS: ChannelLimits = Object.freeze({
  ...DEFAULT_PARSER_LIMITS,
  readAheadBytes: 1_048_576,
  drainBytes: 65_536,
  lingerBytes: 4_194_304,
  lingerMs: 2_000,
  maxConnections: 16_384,
  maxConnectionsPerAddress: 0,
});
