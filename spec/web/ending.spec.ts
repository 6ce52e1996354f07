import { expect } from "chai";
import { DisconnectedError } from "../../lib/channel/disconnected-error.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { NOT_DONE_YET } from "../../lib/web/body.ts";
import { Ending } from "../../lib/web/ending.ts";
import type { Request } from "../../lib/web/request.ts";
import { smallSite, turn } from "../support/small-site.ts";

const rejects: () => unknown = () => Promise.reject(new Error("boom"));
const held = (): typeof NOT_DONE_YET => NOT_DONE_YET;

/** A held request, and what it is told. */
function watched(): {
  readonly request: Request;
  readonly told: string[];
  readonly site: ReturnType<typeof smallSite>;
  readonly reply: ReturnType<ReturnType<typeof smallSite>["client"]["get"]>;
} {
  const site = smallSite(held);
  const reply = site.client.get("/");
  const [request] = site.requests;
  if (request === undefined) throw new Error("nothing was rendered");
  const told: string[] = [];
  void request.notifyFinish().then(
    () => told.push("finished"),
    (error: DisconnectedError) => told.push(`promise ${error.reason}`),
  );
  request.signal.addEventListener("abort", () => told.push("signal"));
  request.onDisconnect(({ reason }) => told.push(`listener ${reason}`));
  request.own(() => told.push("given back"));
  return { request, told, site, reply };
}

describe("web/ending", () => {
  for (const [how, reason] of [
    ["disconnect", "closed"],
    ["reset", "reset"],
  ] as const) {
    it(`tells listeners first, then the signal, then promises, before any timer: ${how}`, async () => {
      const { request, told, site, reply } = watched();
      let timer = "not made";
      request.clock.callLater(0, () => {
        timer = told.join(", ");
      });
      reply[how]();
      expect(told).to.deep.equal(["given back", `listener ${reason}`, "signal"]);
      await Promise.resolve();
      await site.clock.advanceAsync(0);
      expect(timer).to.equal(`given back, listener ${reason}, signal, promise ${reason}`);
    });
  }

  it("resolves promises and nothing else when the answer was handed over", async () => {
    const { request, told } = watched();
    request.finish();
    await turn();
    expect(told).to.deep.equal(["given back", "finished"]);
    expect(request.signal.aborted).to.equal(false);
  });

  it("settles at once what is asked for after a disconnect", async () => {
    const { request, reply } = watched();
    reply.reset();
    const told: string[] = [];
    request.onDisconnect(({ reason }) => told.push(`listener ${reason}`))[Symbol.dispose]();
    expect(request.signal.aborted).to.equal(true);
    expect(request.signal.reason)
      .to.be.instanceOf(DisconnectedError)
      .and.to.include({ reason: "reset" });
    request.own(() => told.push("given back"))();
    expect(told).to.deep.equal(["listener reset", "given back"]);
    const call = request.callLater(1_000, () => told.push("called"));
    expect([call.active, request.clock.pending.length]).to.deep.equal([false, 0]);
    const error = await request.notifyFinish().catch((reason: unknown) => reason);
    expect(error).to.equal(request.signal.reason);
  });

  it("settles at once what is asked for after the end", async () => {
    const { request } = watched();
    request.finish();
    await request.notifyFinish();
    let told = 0;
    request.onDisconnect(() => (told += 1))[Symbol.dispose]();
    expect([request.signal.aborted, told]).to.deep.equal([false, 0]);
    expect(request.callLater(1_000, () => undefined).active).to.equal(false);
  });

  it("leaves alone a listener that was disposed of, and an owner that took it back", () => {
    const { request, told, reply } = watched();
    request.onDisconnect(() => told.push("disposed"))[Symbol.dispose]();
    request.own(() => told.push("taken back"))();
    reply.disconnect();
    expect(told).to.deep.equal(["given back", "listener closed", "signal"]);
  });

  it("cancels the calls of the request, however it ends", () => {
    for (const end of ["finish", "disconnect"] as const) {
      const { request, site, reply } = watched();
      request.callLater(5_000, () => undefined);
      request.clock.callLater(7_000, () => undefined);
      if (end === "finish") request.finish();
      else reply.disconnect();
      expect(site.clock.pending.map(({ time }) => time)).to.deep.equal([7_000]);
    }
  });

  it("makes calls in time, and none earlier", () => {
    const { request, site } = watched();
    request.callLater(
      5_000,
      (text: string) => {
        request.write(text);
        request.finish();
      },
      "done",
    );
    site.clock.advance(4_999);
    expect(request.phase).to.equal("open");
    site.clock.advance(1);
    expect(request.phase).to.equal("finished");
  });

  it("forgets listeners that were disposed of, and tells the rest in order", () => {
    const { request, told, reply } = watched();
    for (let at = 0; at < 100; at += 1) {
      const listening = request.onDisconnect(() => told.push(String(at)));
      if (at % 25 !== 0) listening[Symbol.dispose]();
    }
    reply.disconnect();
    expect(told).to.deep.equal(["given back", "listener closed", "0", "25", "50", "75", "signal"]);
  });

  it("forgets calls that were made, so that a request of days does not grow", () => {
    const clock = new FakeClock();
    const ending = new Ending({ failed: () => undefined });
    const alive = ending.bind(clock.callLater(1_000_000, () => undefined));
    for (let at = 0; at < 1_000; at += 1) {
      ending.bind(clock.callLater(0, () => undefined));
      clock.advance(0);
    }
    ending.settle(undefined);
    expect(alive.active).to.equal(false);
  });

  it("tells all others when one listener throws, and has the mistake logged", () => {
    const { request, told, site, reply } = watched();
    request.onDisconnect(() => {
      throw new Error("boom");
    });
    request.onDisconnect(() => told.push("the next"));
    reply.disconnect();
    expect(told).to.deep.equal(["given back", "listener closed", "the next", "signal"]);
    expect(site.troubles()).to.deep.equal(["an error after the request was over"]);
  });

  it("has a listener that rejects logged", async () => {
    const { request, site, reply } = watched();
    request.onDisconnect(rejects);
    reply.disconnect();
    request.onDisconnect(rejects);
    await turn();
    expect(site.troubles()).to.have.length(2);
  });
});
