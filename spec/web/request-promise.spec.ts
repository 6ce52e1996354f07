import { expect } from "chai";
import { DisconnectedError } from "../../lib/channel/disconnected-error.ts";
import { NOT_DONE_YET } from "../../lib/web/body.ts";
import type { Request } from "../../lib/web/request.ts";
import { smallSite, turn } from "../support/small-site.ts";

/** Lets a request go in every way that a program may hold its promise, and tells what went to the log. Unhandled rejections fail every spec. */
async function troublesOf(
  hold: (request: Request) => unknown,
  end: "disconnect" | "finish",
): Promise<string[]> {
  const { client, requests, troubles } = smallSite((request) => {
    void hold(request);
    return NOT_DONE_YET;
  });
  const reply = client.get("/");
  if (end === "disconnect") reply.disconnect();
  else requests[0]?.finish();
  await turn();
  return troubles();
}

const nothing = (): void => undefined;
const boom = (): never => {
  throw new Error("boom");
};

describe("web/request-promise", () => {
  for (const [what, hold] of Object.entries<(request: Request) => unknown>({
    "nobody holds": (request) => request.notifyFinish(),
    "then without a catch": (request) => request.notifyFinish().then(nothing),
    "then of then": (request) => request.notifyFinish().then(nothing).then(nothing),
    finally: (request) => request.notifyFinish().finally(nothing),
    caught: (request) => request.notifyFinish().catch(nothing),
    "caught and thrown again": (request) =>
      request.notifyFinish().catch((error: unknown) => {
        throw error;
      }),
    "an async function that catches": async (request) => {
      try {
        await request.notifyFinish();
      } catch (error) {
        expect(error).to.be.instanceOf(DisconnectedError);
      }
    },
    "the bytes of the body": (request) => request.bytes().then(nothing),
    "the text of the body": (request) => request.text().then(nothing),
    "the JSON of the body": (request) => request.notifyFinish().then(() => request.json()),
  })) {
    it(`is silent when the client leaves: ${what}`, async () => {
      expect(await troublesOf(hold, "disconnect")).to.deep.equal([]);
    });
  }

  for (const [what, hold] of Object.entries<(request: Request) => unknown>({
    "then(fn)": (request) => request.notifyFinish().then(boom),
    "then(fn).then(fn)": (request) => request.notifyFinish().then(nothing).then(boom),
    "finally(fn)": (request) => request.notifyFinish().finally(boom),
    "then(fn).finally(fn)": (request) => request.notifyFinish().then(boom).finally(nothing),
  })) {
    it(`reports once what a callback of the user throws: ${what}`, async () => {
      expect(await troublesOf(hold, "finish")).to.deep.equal([
        "an error after the request was over",
      ]);
    });
  }

  it("reports what a callback throws when the client leaves", async () => {
    expect(
      await troublesOf((request) => request.notifyFinish().catch(boom), "disconnect"),
    ).to.deep.equal(["an error after the request was over"]);
  });

  it("leaves to its holder what is handled", async () => {
    expect(
      await troublesOf((request) => request.notifyFinish().then(boom).catch(nothing), "finish"),
    ).to.deep.equal([]);
  });

  it("ends a request with 500 for what a callback throws before the answer", async () => {
    const { client, troubles } = smallSite((request) => {
      void request.bytes().then(boom);
      return NOT_DONE_YET;
    });
    const reply = client.post("/", { body: "x" });
    await turn();
    expect([reply.status, troubles()]).to.deep.equal([500, ["an error in a resource"]]);
  });

  it("answers what reading a body rejects with, though nobody looks", async () => {
    const { client, troubles } = smallSite((request) => {
      void request.json().then(nothing);
      return NOT_DONE_YET;
    });
    const reply = client.post("/", { body: "{", headers: { "Content-Type": "application/json" } });
    await turn();
    expect([reply.status, troubles()]).to.deep.equal([400, []]);
  });

  for (const [what, read] of Object.entries<(request: Request) => Promise<unknown>>({
    bytes: (request) => request.bytes(),
    text: (request) => request.text(),
    json: (request) => request.json(),
    form: (request) => request.form(),
  })) {
    it(`lets what ${what}() rejects with be awaited, and answers it once`, async () => {
      const { client, troubles } = smallSite(async (request) => String(await read(request)));
      const headers = { "Content-Type": "application/x-www-form-urlencoded" };
      const reply = client.post("/", { body: "x".repeat(17 * 1_048_576), headers });
      await turn();
      expect([reply.status, troubles()]).to.deep.equal([413, []]);
    });
  }

  it("is a new one each time, and settles at once after the end", async () => {
    const { client, requests } = smallSite(() => "x");
    client.get("/");
    const [request] = requests;
    expect(request?.notifyFinish()).to.not.equal(request?.notifyFinish());
    expect(await request?.notifyFinish()).to.equal(undefined);
  });
});
