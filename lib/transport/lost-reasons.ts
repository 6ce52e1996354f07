/** A reason for `lost` that is known beforehand. `code` is as in Node's own errors of sockets. */
export interface LostReason extends Error {
  readonly code: "ECONNABORTED" | "ECONNRESET" | "EPIPE";
}

/** One's own `abort`. */
export const ABORTED: LostReason = reason("ECONNABORTED", "the connection was aborted");

/** The peer reset the connection. */
export const RESET: LostReason = reason("ECONNRESET", "the peer reset the connection");

/** The peer takes nothing more, and there was more for it. */
export const BROKEN: LostReason = reason("EPIPE", "the peer has closed the connection");

/** One error for all connections, without a stack: ten thousand clients may leave at once, and none of them by a fault of ours. */
function reason(code: LostReason["code"], message: string): LostReason {
  const error = Object.assign(new Error(message), { code });
  error.stack = `${error.name}: ${message}`;
  return Object.freeze(error);
}
