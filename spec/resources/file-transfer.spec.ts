import { openSync, rmSync, statSync, truncateSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { File, FinishedError, type Request, Resource, Site } from "weftline";
import { FakeClock, RecordedRequest, TestClient } from "weftline/testing";
import { answerFromDisk } from "../../lib/resources/file-response.ts";
import { sendFile } from "../../lib/resources/file-transfer.ts";
import { ServedFile } from "../../lib/resources/served-file.ts";
import { memoryPair } from "../../lib/transport/memory.ts";
import { openDescriptors } from "../support/open-descriptors.ts";
import { ScratchFolder } from "../support/scratch-folder.ts";
import { turnUntil } from "../support/turns.ts";

const PIECE = 65_536;
/** Each piece is of another letter, so that none can stand for another. */
const TEXT = "abcdefghijklmnop"
  .split("")
  .map((letter) => letter.repeat(PIECE))
  .join("");

function noLog(): void {}

describe("resources/file-transfer", () => {
  let folder: ScratchFolder;
  let warnings: string[];

  function client(): TestClient {
    const log = {
      debug: () => undefined,
      info: () => undefined,
      warn: (_: object, message: string) => warnings.push(message),
      error: (_: object, message: string) => warnings.push(message),
    };
    return new TestClient(new Site(new File(folder.path), { clock: new FakeClock(), log }));
  }

  function isClosed(): boolean {
    return openDescriptors(folder.path) === 0;
  }

  before(() => {
    folder = new ScratchFolder();
  });

  beforeEach(() => {
    warnings = [];
    folder.write("large.txt", TEXT);
  });

  afterEach(() => turnUntil(isClosed));

  after(() => folder.remove());

  it("sends a file whole, to one who reads as it comes", async () => {
    expect((await client().get("/large.txt")).text).to.equal(TEXT);
  });

  it("sends a file whole, to one who reads little by little", async () => {
    const reply = client().get("/large.txt", { paused: true });
    await turnUntil(() => {
      reply.read(50_000);
      return reply.done;
    });
    expect(reply.text).to.equal(TEXT);
  });

  it("sends many files at once, none of them with bytes of another", async () => {
    folder.write("other.txt", TEXT.toUpperCase());
    const one = client();
    const replies = Array.from({ length: 40 }, (_, at) => ({
      reply: one.get(at % 2 === 0 ? "/large.txt" : "/other.txt", { paused: true }),
      expected: at % 2 === 0 ? TEXT : TEXT.toUpperCase(),
    }));
    let turn = 0;
    await turnUntil(() => {
      turn += 1;
      for (const [at, { reply }] of replies.entries()) {
        if ((at + turn) % 3 === 0) reply.read(30_000 + 1_000 * at);
      }
      return replies.every(({ reply }) => reply.done);
    });
    for (const { reply, expected } of replies) expect(reply.text === expected).to.equal(true);
  });

  it("reads no further ahead than two pieces for one who does not read", async () => {
    const { server, client: peer } = memoryPair();
    new Site(new File(folder.path), { clock: new FakeClock() }).serve(server);
    peer.start({
      received: () => undefined,
      ended: () => undefined,
      drained: () => undefined,
      lost: () => undefined,
    });
    peer.allow(0);
    peer.write("GET /large.txt HTTP/1.1\r\nHost: a\r\n\r\n");
    await turnUntil(() => server.unsent > PIECE);
    let turns = 0;
    await turnUntil(() => ++turns === 200);
    expect(server.unsent).to.be.within(PIECE, 2 * PIECE + 1_000);
    peer.abort();
  });

  it("breaks off when the file has become shorter, and says so in the log", async () => {
    const reply = client().get("/large.txt", { paused: true });
    reply.read(1_000);
    await turnUntil(() => reply.status !== undefined);
    truncateSync(join(folder.path, "large.txt"), 70_000);
    reply.resume();
    await turnUntil(() => reply.failure !== undefined);
    expect(reply.text.length).to.be.below(TEXT.length);
    expect(warnings).to.deep.equal(["a file could not be sent to its end: it has become shorter"]);
  });

  it("sends a file to its end that was taken away meanwhile", async () => {
    const reply = client().get("/large.txt", { paused: true });
    reply.read(1_000);
    await turnUntil(() => reply.status !== undefined);
    rmSync(join(folder.path, "large.txt"));
    reply.resume();
    await turnUntil(() => reply.done);
    expect(reply.text).to.equal(TEXT);
  });

  it("sends as much as it has promised of a file that grows", async () => {
    const reply = client().get("/large.txt", { paused: true });
    reply.read(1_000);
    await turnUntil(() => reply.status !== undefined);
    folder.write("large.txt", `${TEXT}more`);
    reply.resume();
    await turnUntil(() => reply.done);
    expect(reply.text.length).to.equal(TEXT.length);
  });

  for (const [name, leave] of [
    ["closes", "disconnect"],
    ["resets", "reset"],
  ] as const) {
    it(`gives the file back when the client ${name} in the middle`, async () => {
      const reply = client().get("/large.txt", { paused: true });
      reply.read(1_000);
      await turnUntil(() => reply.status !== undefined);
      expect(isClosed()).to.equal(process.platform !== "linux");
      reply[leave]();
      await turnUntil(isClosed);
      expect(warnings).to.deep.equal([]);
    });
  }

  it("gives the file back when the client leaves while it is being read", async () => {
    const path = join(folder.path, "large.txt");
    const request = new RecordedRequest("/large.txt");
    sendFile(request, openSync(path, "r"), [{ start: 0, end: TEXT.length }]);
    request.disconnect();
    await turnUntil(isClosed);
    expect(request.sent.text).to.equal("");
  });

  it("gives the file back, and says why, when it cannot be read", async () => {
    const request = new RecordedRequest("/large.txt");
    sendFile(request, openSync(folder.path, "r"), [{ start: 0, end: 10 }]);
    await turnUntil(() => request.sent.aborted);
  });

  it("gives the file back when somebody else has finished the response", async () => {
    const request = new RecordedRequest("/large.txt");
    request.setHeader("Content-Length", String(TEXT.length));
    sendFile(request, openSync(join(folder.path, "large.txt"), "r"), [
      { start: 0, end: TEXT.length },
    ]);
    request.finish();
    await turnUntil(isClosed);
  });

  it("answers 500 when the head is refused, and gives the file back", async () => {
    class Refused extends Resource {
      override getChildWithDefault(name: string, request: Request): Resource | Promise<Resource> {
        request.setHeader("Transfer-Encoding", "odd");
        return new File(folder.path).getChildWithDefault(name, request);
      }
    }
    const log = { debug: noLog, info: noLog, warn: noLog, error: noLog };
    const site = new Site(new Refused(), { clock: new FakeClock(), log });
    expect((await new TestClient(site).get("/large.txt")).status).to.equal(500);
  });

  it("gives the file back when the response was finished before it began", async () => {
    const path = folder.write("large.txt", TEXT);
    const stat = statSync(path);
    const file = new ServedFile({
      path,
      stat,
      type: "text/plain",
      coding: "identity",
      varies: false,
      cacheControl: "",
      content: undefined,
    });
    const request = new RecordedRequest("/large.txt");
    request.finish();
    expect(() => answerFromDisk(file, openSync(path, "r"), "whole", request)).to.throw(
      FinishedError,
    );
    await turnUntil(isClosed);
  });

  it("sends what has changed since it was known, as it is now", async () => {
    const one = client();
    const first = await one.get("/large.txt");
    const etag = first.headers.get("etag") ?? "";
    folder.write("large.txt", `${TEXT}more`);
    const reply = await one.get("/large.txt");
    expect(reply.headers.get("content-length")).to.equal(String(TEXT.length + 4));
    expect(reply.headers.get("etag")).not.to.equal(etag);
    expect(reply.text).to.equal(`${TEXT}more`);
  });

  for (const [fields, status] of [
    [{ "If-None-Match": "NEW" }, 304],
    [{ "If-Match": "OLD" }, 412],
  ] as const) {
    it(`weighs the conditions anew then: ${JSON.stringify(fields)} is answered ${status}`, async () => {
      const [one, other] = [client(), client()];
      utimesSync(join(folder.path, "large.txt"), 1_000, 1_000);
      const old = (await one.get("/large.txt")).headers.get("etag") ?? "";
      utimesSync(folder.write("large.txt", `${TEXT}more`), 2_000, 2_000);
      const now = (await other.get("/large.txt")).headers.get("etag") ?? "";
      const headers = Object.entries(fields).map(
        ([name, value]) => [name, value.replace("NEW", now).replace("OLD", old)] as const,
      );
      expect((await one.get("/large.txt", { headers })).status).to.equal(status);
    });
  }

  it("sends what is empty by now", async () => {
    const one = client();
    await one.get("/large.txt");
    folder.write("large.txt", "");
    const reply = await one.get("/large.txt");
    expect([reply.status, reply.headers.get("content-length"), reply.text]).to.deep.equal([
      200,
      "0",
      "",
    ]);
  });

  it("finds nothing where a file is gone that was known", async () => {
    const one = client();
    await one.get("/large.txt");
    rmSync(join(folder.path, "large.txt"));
    expect((await one.get("/large.txt")).status).to.equal(404);
  });
});
