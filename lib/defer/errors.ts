/** A Deferred was fired a second time. Twisted's. */
export class AlreadyCalledError extends Error {
  override readonly name: string = "AlreadyCalledError";

  constructor(message = "a Deferred fires once, and this one has fired") {
    super(message);
  }
}

/** What was waited for was called off by the one who waited. `cause` is why, where that is known. Twisted's. */
export class CancelledError extends Error {
  override readonly name: string = "CancelledError";

  constructor(message = "cancelled", options?: ErrorOptions) {
    super(message, options);
  }
}

/** What was waited for did not come in time. Twisted's. */
export class TimeoutError extends Error {
  override readonly name: string = "TimeoutError";
  /** How long was waited, in ms. */
  readonly timeoutMs: number;

  constructor(timeoutMs: number, options?: ErrorOptions) {
    super(`not done in ${timeoutMs} ms`, options);
    this.timeoutMs = timeoutMs;
  }
}
