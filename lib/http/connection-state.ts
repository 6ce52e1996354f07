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

const REQUEST_STATES: readonly RequestState[] = [
  "waiting",
  "receiving",
  "received",
  "broken",
  "closed",
];
const RESPONSE_STATES: readonly ResponseState[] = ["idle", "owed", "sending", "sent", "closed"];

/** Both sides as one number: the index of the request's state times how many the response has, plus that of the response's. */
type Pair = number;

/** Where each stands in {@link EVENTS}; a constant is found faster than it is looked for. */
const INDEX: Readonly<Record<ConnectionEvent, number>> = {
  request: 0,
  data: 1,
  end: 2,
  breach: 3,
  inform: 4,
  respond: 5,
  piece: 6,
  finish: 7,
  again: 8,
  close: 9,
};
const EVENTS: readonly ConnectionEvent[] = [
  "request",
  "data",
  "end",
  "breach",
  "inform",
  "respond",
  "piece",
  "finish",
  "again",
  "close",
];

const ILLEGAL = -1;

/** The two tables as one, since a request takes half a dozen events: where each event leads from each pair. */
const PAIRS: readonly Pair[] = REQUEST_STATES.flatMap((request) =>
  RESPONSE_STATES.flatMap((response) => EVENTS.map((event) => step(request, response, event))),
);

function step(request: RequestState, response: ResponseState, event: ConnectionEvent): Pair {
  const nextRequest = RESPONSE_ONLY.includes(event) ? request : REQUEST_STEPS[request][event];
  const nextResponse = REQUEST_ONLY.includes(event) ? response : RESPONSE_STEPS[response][event];
  if (nextRequest === undefined || nextResponse === undefined) return ILLEGAL;
  return pairOf(nextRequest, nextResponse);
}

function pairOf(request: RequestState, response: ResponseState): Pair {
  return (
    REQUEST_STATES.indexOf(request) * RESPONSE_STATES.length + RESPONSE_STATES.indexOf(response)
  );
}

/**
 * What is going on on a connection, as two tables that one door moves.
 *
 * It knows the order of things and nothing else; whether a connection stays open is for the one who sends `again` or `close`.
 */
export class ConnectionState {
  #pair: Pair = pairOf("waiting", "idle");

  get request(): RequestState {
    return REQUEST_STATES[Math.floor(this.#pair / RESPONSE_STATES.length)] ?? "closed";
  }

  get response(): ResponseState {
    return RESPONSE_STATES[this.#pair % RESPONSE_STATES.length] ?? "closed";
  }

  /** The only writer of the state. Throws {@link ProtocolError} ("local") and changes nothing where the event is illegal for either side. */
  take(event: ConnectionEvent): void {
    const next = PAIRS[this.#pair * EVENTS.length + INDEX[event]] ?? ILLEGAL;
    if (next === ILLEGAL) {
      throw new ProtocolError(
        "local",
        `cannot take ${event} while the request is ${this.request} and the response ${this.response}`,
      );
    }
    this.#pair = next;
  }
}
