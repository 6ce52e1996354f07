import { expect } from "chai";
import {
  type ConnectionEvent,
  ConnectionState,
  ProtocolError,
  REQUEST_STEPS,
  RESPONSE_STEPS,
  type RequestState,
  type ResponseState,
} from "weftline/http";

/** The events that each side is about. */
const OF_REQUEST = ["request", "data", "end", "breach", "again", "close"];
const OF_RESPONSE = ["request", "breach", "inform", "respond", "piece", "finish", "again", "close"];
const EVENTS = [...new Set([...OF_REQUEST, ...OF_RESPONSE])] as ConnectionEvent[];

/** Every pair of states that can be reached, with the events that lead there. */
const REACHABLE = reachable();

function after(events: readonly ConnectionEvent[]): ConnectionState {
  const state = new ConnectionState();
  for (const event of events) state.take(event);
  return state;
}

function reachable(): ReadonlyMap<string, readonly ConnectionEvent[]> {
  const found = new Map<string, readonly ConnectionEvent[]>([["waiting idle", []]]);
  for (const path of found.values()) {
    for (const event of EVENTS) {
      const state = after(path);
      if (!accepts(state, event)) continue;
      const name = `${state.request} ${state.response}`;
      if (!found.has(name)) found.set(name, [...path, event]);
    }
  }
  return found;
}

function accepts(state: ConnectionState, event: ConnectionEvent): boolean {
  try {
    state.take(event);
    return true;
  } catch (error) {
    expect(error).to.be.instanceOf(ProtocolError);
    expect(error).to.have.property("blame", "local");
    return false;
  }
}

describe("http/connection-state", () => {
  it("reaches these pairs of states and no others", () => {
    expect([...REACHABLE.keys()].toSorted()).to.deep.equal([
      "broken owed",
      "broken sending",
      "broken sent",
      "closed closed",
      "received owed",
      "received sending",
      "received sent",
      "receiving owed",
      "receiving sending",
      "receiving sent",
      "waiting idle",
    ]);
  });

  for (const [name, path] of REACHABLE) {
    const [request = "", response = ""] = name.split(" ");
    for (const event of EVENTS) {
      const nextRequest = OF_REQUEST.includes(event)
        ? REQUEST_STEPS[request as RequestState][event]
        : request;
      const nextResponse = OF_RESPONSE.includes(event)
        ? RESPONSE_STEPS[response as ResponseState][event]
        : response;
      if (nextRequest === undefined || nextResponse === undefined) {
        it(`refuses ${event} while ${name}, and stays`, () => {
          const state = after(path);
          expect(() => {
            state.take(event);
          }).to.throw(ProtocolError, `cannot take ${event} while the request is ${request}`);
          expect(`${state.request} ${state.response}`).to.equal(name);
        });
      } else {
        it(`goes from ${name} to ${nextRequest} ${nextResponse} by ${event}`, () => {
          const state = after([...path, event]);
          expect(`${state.request} ${state.response}`).to.equal(`${nextRequest} ${nextResponse}`);
        });
      }
    }
  }
});
