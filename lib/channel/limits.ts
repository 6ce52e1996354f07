import { DEFAULT_PARSER_LIMITS, type ParserLimits } from "../http/limits.ts";
import { openFileLimit } from "../transport/open-files.ts";

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
  /** Connections at once; for one more the longest idle one is closed, and where none is, it is answered 503. At most 16,384, and what the open-file limit leaves. */
  readonly maxConnections: number;
  /** Connections at once from one address; off. */
  readonly maxConnectionsPerAddress: number;
}

/** Descriptors that connections leave to files, logs, and connections that are told that there is no room. */
const SPARED_DESCRIPTORS = 64;

/** For comparison: nginx lingers 30 s, Node not at all; Kestrel and Node set no bound on connections. */
export const DEFAULT_CHANNEL_LIMITS: ChannelLimits = Object.freeze({
  ...DEFAULT_PARSER_LIMITS,
  readAheadBytes: 1_048_576,
  drainBytes: 65_536,
  lingerBytes: 4_194_304,
  lingerMs: 2_000,
  maxConnections: Math.min(16_384, Math.max(1, openFileLimit() - SPARED_DESCRIPTORS)),
  maxConnectionsPerAddress: 0,
});
