import { ProtocolError } from "./protocol-error.ts";

/** Where the request that is in progress on a connection stands. */
export type RequestState =
  /** For the next head. */
  | "waiting"
  /** The head is here, the body is coming. */
  | "receiving"
  /** It is here whole. What comes behind it waits. */
  | "received"
  /** The peer broke the protocol: nothing more is read as HTTP. */
  | "broken"
  | "closed";

/** Where the response to it stands. */
export type ResponseState =
  /** Nobody has asked. */
  | "idle"
  /** An answer is due; informational ones may go before it. */
  | "owed"
  /** The head went out, the body goes. */
  | "sending"
  /** It was handed over whole. */
  | "sent"
  | "closed";

/** What happens on a connection. */
export type ConnectionEvent =
  /** The peer: a request's head, a piece of its body, its end; something that is not HTTP. */
  | "request"
  | "data"
  | "end"
  | "breach"
  /** We: an informational response, the head of the final one, a piece of its body, its end. */
  | "inform"
  | "respond"
  | "piece"
  | "finish"
  /** Both are through and the connection stays: on to the next request. */
  | "again"
  /** The connection is over, whoever ended it. */
  | "close";

/** For each state, the events that are legal in it and where they lead. What is not here is illegal. */
export type Steps<State extends string> = Readonly<
  Record<State, Readonly<Partial<Record<ConnectionEvent, State>>>>
>;

/** A request is read once, in order, and not past its end while it is being answered (RFC 9112 section 9.3.2). */
export const REQUEST_STEPS: Steps<RequestState> = {
  waiting: { request: "receiving", breach: "broken", close: "closed" },
  receiving: { data: "receiving", end: "received", breach: "broken", close: "closed" },
  received: { again: "waiting", close: "closed" },
  broken: { close: "closed" },
  closed: { close: "closed" },
};

/** Exactly one final response for each request; one for a breach too, unless an answer is already on its way. */
export const RESPONSE_STEPS: Steps<ResponseState> = {
  idle: { request: "owed", breach: "owed", close: "closed" },
  owed: { breach: "owed", inform: "owed", respond: "sending", close: "closed" },
  sending: { breach: "sending", piece: "sending", finish: "sent", close: "closed" },
  sent: { breach: "sent", again: "idle", close: "closed" },
  closed: { close: "closed" },
};

/** Events that one side alone is about; the other stays where it is. */
const REQUEST_ONLY: readonly ConnectionEvent[] = ["data", "end"];
const RESPONSE_ONLY: readonly ConnectionEvent[] = ["inform", "respond", "piece", "finish"];

const REQUEST_TABLE = withStays(REQUEST_STEPS, RESPONSE_ONLY);
const RESPONSE_TABLE = withStays(RESPONSE_STEPS, REQUEST_ONLY);

/**
 * What is going on on a connection, as two tables that one door moves.
 *
 * It knows the order of things and nothing else; whether a connection stays open is for the one who sends `again` or `close`.
 */
export class ConnectionState {
  #request: RequestState = "waiting";
  #response: ResponseState = "idle";

  get request(): RequestState {
    return this.#request;
  }

  get response(): ResponseState {
    return this.#response;
  }

  /** The only writer of the state. Throws {@link ProtocolError} ("local") and changes nothing where the event is illegal for either side. */
  take(event: ConnectionEvent): void {
    const request = REQUEST_TABLE[this.#request][event];
    const response = RESPONSE_TABLE[this.#response][event];
    if (request === undefined || response === undefined) {
      throw new ProtocolError(
        "local",
        `cannot take ${event} while the request is ${this.#request} and the response ${this.#response}`,
      );
    }
    this.#request = request;
    this.#response = response;
  }
}

function withStays<State extends string>(
  steps: Steps<State>,
  foreign: readonly ConnectionEvent[],
): Steps<State> {
  const table: Partial<Record<State, Partial<Record<ConnectionEvent, State>>>> = {};
  for (const state in steps) {
    table[state] = { ...steps[state] };
    for (const event of foreign) table[state][event] = state;
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it has a row for each state of the one it was made from
  return table as Steps<State>;
}
