import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { FakeClock, TestClient } from "weftline/testing";
import { referenceApp } from "../../bench/apps/reference-app.ts";

describe("bench/reference-app", () => {
  let directory: string;
  let clock: FakeClock;
  let client: TestClient;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), "weftline-reference-app-"));
    writeFileSync(join(directory, "a.txt"), "a file\n");
  });
  after(() => rmSync(directory, { recursive: true }));
  beforeEach(() => {
    clock = new FakeClock();
    client = new TestClient(referenceApp(directory), { clock });
  });

  const ANSWERS: readonly [path: string, body: string][] = [
    ["/", "Hello World\n"],
    ["/user/4711", "user 4711\n"],
    ["/user/J%C3%BCrgen%20%2F", "user Jürgen /\n"],
    ["/tree/a/b/c/d", "leaf\n"],
    ["/static/a.txt", "a file\n"],
  ];
  for (const [path, body] of ANSWERS) {
    it(`GET ${path} is answered ${JSON.stringify(body)} as text, with its length`, async () => {
      const reply = await client.get(path);
      expect(reply.status).to.equal(200);
      expect(reply.text).to.equal(body);
      expect(reply.headers.get("content-type")).to.match(/^text\/plain/);
      expect(reply.headers.get("content-length")).to.equal(String(Buffer.byteLength(body)));
    });
  }

  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    it(`${method} /echo repeats the body and the method`, async () => {
      const reply = await client.request(method, "/echo", { body: "\0body" });
      expect(reply.text).to.equal("\0body");
      expect(reply.headers.get("x-method")).to.equal(method);
      expect(reply.headers.get("content-type")).to.equal("application/octet-stream");
      expect(reply.headers.get("content-length")).to.equal("5");
    });
  }

  it("POST /sink counts the bytes of the body", async () => {
    const reply = await client.post("/sink", { body: "x".repeat(300_000) });
    expect(reply.text.trim()).to.equal("300000");
  });

  it("GET /stream sends as many bytes as asked for, without saying so before", async () => {
    const reply = await client.get("/stream?bytes=150001");
    expect(reply.text).to.equal("x".repeat(150_001));
    expect(reply.headers.has("content-length")).to.equal(false);
  });

  it("GET /held is answered when its time has come, and not before", () => {
    const reply = client.get("/held?ms=100");
    clock.advance(99);
    expect(reply.done).to.equal(false);
    clock.advance(1);
    expect(reply.text).to.equal("done\n");
    expect(reply.headers.get("content-length")).to.equal("5");
  });

  it("a client that leaves /held first cancels the wait, and /stats says so", async () => {
    const left = client.get("/held?ms=100");
    const waits = client.get("/held?ms=200");
    left.disconnect();
    expect(clock.pending).to.have.length(1);
    const { text } = await client.get("/stats");
    expect(JSON.parse(text)).to.include({ pending: 1, cancelled: 1, finished: 0 });
    clock.advance(200);
    await waits;
    const after = JSON.parse((await client.get("/stats")).text);
    expect(after).to.include({ pending: 0, cancelled: 1, finished: 1 });
    expect(after.rss).to.be.above(after.heap);
  });
});
