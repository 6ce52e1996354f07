/** How a client was lost before its answer was handed over whole. */
export type DisconnectReason =
  /** It closed its side (FIN). */
  | "closed"
  /** It reset the connection, or the network did. */
  | "reset"
  /** It missed a deadline or a minimal rate of ours. */
  | "timeout"
  /** It broke the protocol half-way. */
  | "protocol"
  /** The site was closed and its grace was over. */
  | "shutdown"
  /** We broke the response off, after an error of the handler. */
  | "aborted";

const MESSAGES: Readonly<Record<DisconnectReason, string>> = {
  closed: "the client closed the connection",
  reset: "the client reset the connection",
  timeout: "the client was too slow and was cut off",
  protocol: "the client broke the protocol and was cut off",
  shutdown: "the server was closed",
  aborted: "the response was broken off",
};

/** The client is gone; nobody is to blame. What `notifyFinish`, `signal` and `onDisconnect` give. */
export class DisconnectedError extends Error {
  override readonly name = "DisconnectedError";
  readonly reason: DisconnectReason;

  constructor(reason: DisconnectReason) {
    super(MESSAGES[reason]);
    this.reason = reason;
  }
}

const SHARED = new Map<DisconnectReason, DisconnectedError>();

/**
 * The error for a client that was lost so, one object for all of them and without a trace.
 *
 * Where it was made says nothing, and taking a trace for each of ten thousand clients that leave together is what would take the time.
 */
export function disconnectedError(reason: DisconnectReason): DisconnectedError {
  const shared = SHARED.get(reason) ?? new DisconnectedError(reason);
  if (!SHARED.has(reason)) {
    shared.stack = `${shared.name}: ${shared.message}`;
    SHARED.set(reason, shared);
  }
  return shared;
}
