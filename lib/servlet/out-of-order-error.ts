/** Where a response of a servlet stands. `lost`: its client has left, and calls are without effect. */
export type ServletState = "waiting" | "head" | "body" | "ended" | "lost";

const MEANING: Readonly<Record<ServletState, string>> = {
  waiting: "sendResponse was not called yet",
  head: "endHeaders was not called yet",
  body: "the head is out",
  ended: "the response has ended",
  lost: "the client has left",
};

/**
 * A call of a servlet that is not in its turn: `sendContent` before `endHeaders`, a header after it, `endContent` twice.
 *
 * Nothing was sent by the call. netsvc ignores most of these, and writes a second head or a second response for others.
 */
export class OutOfOrderError extends Error {
  override readonly name = "OutOfOrderError";
  /** The name of the method. */
  readonly call: string;
  /** Where the response stood. */
  readonly state: ServletState;

  constructor(call: string, state: ServletState) {
    super(`${call} is out of order: ${MEANING[state]} (state "${state}")`);
    this.call = call;
    this.state = state;
  }
}
