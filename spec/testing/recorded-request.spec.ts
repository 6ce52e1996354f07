import { expect } from "chai";
import type { Exchange } from "../../lib/channel/exchange.ts";
import { systemClock } from "../../lib/defer/clock.ts";
import { Headers } from "../../lib/http/headers.ts";
import { RecordedRequest } from "../../lib/testing/recorded-request.ts";
import { NOT_DONE_YET } from "../../lib/web/body.ts";
import { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";

class Page extends Resource {
  override render_GET(request: Request): typeof NOT_DONE_YET {
    request.setResponseCode(201);
    request.setHeader("X-A", "b");
    request.callLater(1_000, () => {
      request.write("hé");
      request.finish();
    });
    return NOT_DONE_YET;
  }
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail("it should be rejected"),
    (error: unknown) => error,
  );
}

describe("testing/recorded-request", () => {
  it("is a real request", () => {
    const request = new RecordedRequest("/a/b?c=d", { headers: { Cookie: "k=v" }, secure: true });
    expect(request).to.be.instanceOf(Request);
    expect([request.method, request.path, request.query.get("c")]).to.deep.equal([
      "GET",
      "/a/b",
      "d",
    ]);
    expect([request.cookies.get("k"), request.isSecure]).to.deep.equal(["v", true]);
    expect(request.client.host).to.equal("127.0.0.1");
  });

  it("records what a render method sends", async () => {
    const request = new RecordedRequest();
    expect(new Page().render_GET(request)).to.equal(NOT_DONE_YET);
    expect([request.sent.status, request.sent.text, request.sent.headers.size]).to.deep.equal([
      undefined,
      "",
      0,
    ]);
    const ending = request.notifyFinish();
    request.fakeClock.advance(1_000);
    expect(request.sent).to.include({ status: 201, text: "hé", finished: true, aborted: false });
    expect(request.sent.bytes).to.have.length(3);
    expect(request.sent.headers.get("x-a")).to.equal("b");
    await ending;
    expect(request.bytesSent).to.equal(3);
  });

  it("lets the client leave, once", async () => {
    const request = new RecordedRequest();
    new Page().render_GET(request);
    const ending = request.notifyFinish();
    request.disconnect("reset");
    request.disconnect();
    expect(await failureOf(ending)).to.include({ name: "DisconnectedError", reason: "reset" });
    expect(request.fakeClock.pending).to.deep.equal([]);
    expect(request.write("x")).to.equal(false);
    expect(request.sent).to.include({ status: undefined, finished: false });
  });

  it("does not let the client leave after the end", () => {
    const request = new RecordedRequest();
    request.finish();
    request.disconnect();
    expect([request.sent.finished, request.signal.aborted]).to.deep.equal([true, false]);
  });

  it("is left by a slow client that had not taken everything", async () => {
    const request = new RecordedRequest("/", { slow: true });
    request.finish();
    request.disconnect();
    request.catchUp();
    expect(await failureOf(request.notifyFinish())).to.include({ reason: "closed" });
  });

  it("has a body, of any kind", async () => {
    const post = { method: "POST" };
    expect(await new RecordedRequest("/", { ...post, body: "é" }).text()).to.equal("é");
    expect(await new RecordedRequest("/", { ...post, json: { a: 1 } }).json()).to.deep.equal({
      a: 1,
    });
    expect(
      await new RecordedRequest("/", { ...post, body: new Uint8Array([1]) }).bytes(),
    ).to.deep.equal(Buffer.from([1]));
    expect((await new RecordedRequest("/").bytes()).length).to.equal(0);
  });

  it("has a body that comes piece by piece", async () => {
    const request = new RecordedRequest("/", { method: "PUT", upload: true });
    request.receive("a");
    const reading = request.text();
    request.receive("b");
    request.receive(new Uint8Array([99]));
    request.receiveEnd();
    expect(await reading).to.equal("abc");
  });

  it("is slow until it has caught up", async () => {
    const request = new RecordedRequest("/", { slow: true });
    expect(request.write("x")).to.equal(false);
    const drained = request.drained();
    const ending = request.notifyFinish();
    request.finish();
    request.catchUp();
    await Promise.all([drained, ending]);
    expect(request.sent.finished).to.equal(true);
  });

  it("records early hints and an abort", () => {
    const request = new RecordedRequest();
    const carrier = request.sent as unknown as Exchange;
    expect(carrier.begun).to.equal(false);
    carrier.inform(103, new Headers({ Link: "</a>" }));
    request.abort();
    expect(request.sent.informational.map(({ status }) => status)).to.deep.equal([103]);
    expect(request.sent).to.include({ aborted: true, finished: false });
  });

  it("runs on another clock where one is given", () => {
    const request = new RecordedRequest("/", { clock: systemClock });
    expect(request.clock).to.equal(systemClock);
    expect(() => request.fakeClock).to.throw(TypeError, "not a FakeClock");
  });

  it("refuses what is no request", () => {
    expect(() => new RecordedRequest("no-slash")).to.throw();
  });
});
