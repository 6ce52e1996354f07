/**
 * How long a client may take. Milliseconds and bytes a second; 0 or Infinity turns one off.
 *
 * They run on the site's clock and are looked at by one shared sweep, once a second, so each may fire up to a second late.
 */
export interface Timeouts {
  /** The whole head, from its first byte; the first of a connection from the accept. Past it 408, or a plain close when no byte came. */
  readonly headersTimeout: number;
  /** Between two pieces of a body that the handler waits for. Past it 408, or a reset when the answer has begun. */
  readonly bodyIdleTimeout: number;
  /** Bytes a second of a body that the handler waits for, averaged, from the tenth second on. As `bodyIdleTimeout`. */
  readonly minBodyRate: number;
  /** The whole request, head and body, while the handler waits for it. As `bodyIdleTimeout`. */
  readonly requestTimeout: number;
  /** An idle connection between two requests. Past it a FIN. */
  readonly keepAliveTimeout: number;
  /** Without the kernel taking a byte while bytes wait. Past it a reset. */
  readonly writeTimeout: number;
  /** Bytes a second that the client takes while bytes wait, averaged over each 30 s. Past it a reset. */
  readonly minResponseRate: number;
  /** How long a handler may go without finishing; past it 503, or a reset when the answer has begun. Off: held requests are the point. */
  readonly handlerTimeout: number;
  /** When a request that nobody finishes is warned of in the log, once. */
  readonly handlerWarning: number;
  /** How late the event loop may be for two seconds on end; past it new requests are answered 503 until it keeps up. Off. */
  readonly overloadDelay: number;
}

/** For comparison: nginx 60 s a head, Node 60 s and 5 s of keep-alive (a known source of 502s behind balancers that hold 60 s), Kestrel 240 B/s. */
export const DEFAULT_TIMEOUTS: Timeouts = Object.freeze({
  headersTimeout: 10_000,
  bodyIdleTimeout: 20_000,
  minBodyRate: 240,
  requestTimeout: 300_000,
  keepAliveTimeout: 65_000,
  writeTimeout: 30_000,
  minResponseRate: 240,
  handlerTimeout: 0,
  handlerWarning: 300_000,
  overloadDelay: 0,
});
