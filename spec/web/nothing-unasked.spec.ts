import { createHook } from "node:async_hooks";
import { expect } from "chai";
import { restore, spy } from "sinon";
import { systemClock } from "../../lib/defer/clock.ts";
import { memoryPair } from "../../lib/transport/memory.ts";
import { NOT_DONE_YET, type NotDoneYet } from "../../lib/web/body.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";
import { Site } from "../../lib/web/site.ts";

/** The kinds of what Node makes while `call` runs: promises, timers, immediates, handles. */
function made(call: () => void): string[] {
  const kinds: string[] = [];
  const hook = createHook({
    init(_id, kind) {
      kinds.push(kind);
    },
  });
  hook.enable();
  try {
    call();
  } finally {
    hook.disable();
  }
  return kinds;
}

/** What comes of a request whose resource does `ask` and then waits, on a connection that has served one before. */
function held(ask: (request: Request) => void): string[] {
  class Held extends Resource {
    override render_GET(request: Request): NotDoneYet | string {
      if (request.path === "/first") return "";
      ask(request);
      return NOT_DONE_YET;
    }
  }
  const root = new Held();
  root.isLeaf = true;
  const { server, client } = memoryPair();
  new Site(root, { clock: systemClock }).serve(server);
  client.write("GET /first HTTP/1.1\r\nHost: x\r\n\r\n");
  const kinds = made(() => client.write("GET /?a=b HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\n\r\n"));
  client.abort();
  return kinds;
}

describe("a request that waits", () => {
  afterEach(restore);

  it("makes no promise, timer or AbortController that nobody asked for, and does not read its query", () => {
    const controller = spy(globalThis, "AbortController");
    const query = spy(globalThis, "URLSearchParams");
    const waiting = systemClock.pending.length;
    expect(held(() => {})).to.deep.equal([]);
    expect(systemClock.pending).to.have.length(waiting);
    expect(controller.callCount).to.equal(0);
    expect(query.callCount).to.equal(0);
  });

  it("makes what it is asked for", () => {
    const controller = spy(globalThis, "AbortController");
    const query = spy(globalThis, "URLSearchParams");
    expect(held((request) => void request.notifyFinish())).to.include("PROMISE");
    const waiting = systemClock.pending.length;
    // An assertion within render would be answered 500 there, and go unnoticed.
    const seen: unknown[] = [];
    held((request) => {
      request.callLater(10, () => {});
      seen.push(systemClock.pending.length);
    });
    held((request) => seen.push(request.signal === request.signal));
    held((request) => seen.push(request.query.get("a")));
    expect(seen).to.deep.equal([waiting + 1, true, "b"]);
    expect(controller.callCount).to.equal(1);
    expect(query.callCount).to.equal(1);
  });
});
