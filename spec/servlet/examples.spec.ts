import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { expect } from "chai";
import { Batch } from "../../examples/servlets/batch.ts";
import { makeDaemon } from "../../examples/servlets/daemon.ts";
import { Later } from "../../examples/servlets/delayed.ts";
import { Login } from "../../examples/servlets/login.ts";
import { Upload } from "../../examples/servlets/upload.ts";
import { EchoServlet } from "../../lib/servlet/echo-servlet.ts";
import { ErrorServlet } from "../../lib/servlet/error-servlet.ts";
import { FileServlet } from "../../lib/servlet/file-servlet.ts";
import { HttpServer } from "../../lib/servlet/http-server.ts";
import type { HttpServlet } from "../../lib/servlet/http-servlet.ts";
import { RedirectServlet } from "../../lib/servlet/redirect-servlet.ts";
import { exploreDisconnects } from "../../lib/testing/explore-disconnects.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { leakCheck } from "../../lib/testing/leak-check.ts";
import { TestClient } from "../../lib/testing/test-client.ts";
import type { TestReply } from "../../lib/testing/test-reply.ts";
import type { Request } from "../../lib/web/request.ts";
import { QUIET_LOG } from "./serving.ts";

const FORM = { "Content-Type": "application/x-www-form-urlencoded" };

function serving() {
  const clock = new FakeClock();
  const daemon = makeDaemon(0, { clock, log: QUIET_LOG });
  return { clock, client: new TestClient(daemon.site) };
}

describe("servlet/examples", function () {
  this.timeout(20_000); // the translator of modules takes a while to load, and the exploration plays many runs

  it("answer ten seconds later", () => {
    const { clock, client } = serving();
    const reply = client.get("/app/later");
    clock.advance(9_999);
    expect(reply.done).to.equal(false);
    clock.advance(1);
    expect(reply.text).to.equal("done\n");
    expect(client.post("/app/later").status).to.equal(405);
  });

  it("log in by a form", async () => {
    const { client } = serving();
    expect(client.get("/app/login").text).to.contain("<form");
    const login = async (body: string): Promise<TestReply | number> => {
      const reply = client.post("/app/login", { headers: FORM, body });
      const { status } = await reply;
      return status === 303 ? reply : status;
    };
    const right = await client.post("/app/login", { headers: FORM, body: "user=jo&pass=secret" });
    expect(right.status).to.equal(303);
    expect(right.headers.get("location")).to.equal("/app/");
    expect(await login("user=jo&pass=wrong")).to.equal(403);
    expect(await login(`user=jo&pass=${"x".repeat(100)}`)).to.equal(403);
    expect(await login("user=jo")).to.equal(400);
  });

  it("make a large response in batches, of which no more than two wait for a slow client", async () => {
    const { clock, client } = serving();
    const reply = client.get("/app/batch?mib=2", { reader: { bytesPerSecond: 1_048_576 } });
    let sent = 0;
    let most = 0;
    for (let step = 0; step < 200 && !reply.done; step += 1) {
      // oxlint-disable-next-line no-await-in-loop -- time goes on
      await clock.advanceAsync(100);
      most = Math.max(most, reply.bytes.length - sent);
      sent = reply.bytes.length;
    }
    expect(reply.done).to.equal(true);
    expect(reply.bytes.length).to.equal(2 * 1_048_576);
    expect(most).to.be.at.most(150_000);
    expect(clock.pending).to.deep.equal([]);
  });

  it("wait with the batches while the client reads nothing, and serve others", async () => {
    const clock = new FakeClock();
    let servlet: Batch | undefined;
    const server = new HttpServer((request) => {
      servlet ??= new Batch(request);
      return servlet.request === request ? servlet : new EchoServlet(request);
    });
    const client = new TestClient(server, { clock });
    const reply = client.get("/?mib=1024", { paused: true });
    let most = 0;
    for (let step = 0; step < 50; step += 1) {
      // oxlint-disable-next-line no-await-in-loop -- time goes on
      await clock.advanceAsync(10);
      most = Math.max(most, servlet?.pendingContent() ?? Infinity);
    }
    expect(most).to.be.below(2 * 256 * 1_100);
    expect((await client.get("/other")).status).to.equal(200);
    reply.disconnect();
    expect(clock.pending).to.deep.equal([]);
  });

  it("take a content as it comes", async () => {
    const { client } = serving();
    const reply = client.put("/app/upload", { upload: true });
    reply.write("ab");
    reply.write("c");
    reply.end();
    expect((await reply).status).to.equal(201);
    expect(reply.text).to.match(/^3 bytes, SHA-256 ba7816bf/);
    expect((await client.put("/app/upload")).text).to.match(/^0 bytes/);
    expect((await client.get("/app/upload")).status).to.equal(405);
    const connection = client.connect();
    connection.write("PUT /app/upload HTTP/1.1\r\nHost: a\r\nContent-Length: 16777217\r\n\r\n");
    expect((await connection.expectReply("PUT")).status).to.equal(413);
    connection.close();
    const long = client.put("/app/upload", { upload: true });
    for (let mib = 0; mib < 17; mib += 1) long.write(new Uint8Array(1_048_576));
    long.end();
    expect((await long).status).to.equal(413);
  });

  it("map names to servlets", async () => {
    const { client } = serving();
    expect(client.get("/app/old").headers.get("location")).to.equal("/app/login");
    expect((await client.get("/app/source")).text).to.contain("class App");
    expect((await client.get("/app/echo")).text).to.contain("<td>/app/echo</td>");
    expect(client.get("/app/none").status).to.equal(404);
    expect(client.get("/app/toString").status).to.equal(404);
  });

  it("have a page that is a program, and never its source", async () => {
    const { client } = serving();
    expect((await client.get("/hello.html")).text).to.contain("This page is a program.");
    expect((await client.get("/")).text).to.contain("hello.html");
    expect((await client.get("/hello.servlet.ts")).status).to.equal(404);
    expect((await client.get("/layout.ts")).status).to.equal(404);
  });

  it("ask for a password, and block an address", async () => {
    const { client } = serving();
    const Authorization = `Basic ${Buffer.from("jo:secret").toString("base64")}`;
    expect((await client.get("/admin/")).status).to.equal(401);
    expect((await client.get("/admin/", { headers: { Authorization } })).status).to.equal(200);
    const blocked = client.connect({ client: "192.0.2.1" });
    blocked.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(blocked.closed).to.equal(true);
    expect(blocked.text).to.equal("");
  });

  describe("with the client leaving at every step", () => {
    type Servlets = (request: Request) => HttpServlet;
    const CASES: Readonly<Record<string, readonly [Servlets, (client: TestClient) => TestReply]>> =
      {
        Later: [(request) => new Later(request), (client) => client.get("/")],
        Login: [
          (request) => new Login(request),
          (client) => {
            const reply = client.post("/", { headers: FORM, upload: true });
            reply.write("user=jo");
            reply.write("&pass=secret");
            reply.end();
            return reply;
          },
        ],
        Batch: [
          (request) => new Batch(request),
          (client) => client.get("/?mib=1", { reader: { bytesPerSecond: 524_288 } }),
        ],
        Upload: [
          (request) => new Upload(request),
          (client) => {
            const reply = client.put("/", { upload: true });
            reply.write("abc");
            reply.write("def");
            reply.end();
            return reply;
          },
        ],
        EchoServlet: [
          (request) => new EchoServlet(request),
          (client) => client.post("/", { body: "abc" }),
        ],
        ErrorServlet: [(request) => new ErrorServlet(request, 404), (client) => client.get("/")],
        RedirectServlet: [
          (request) => new RedirectServlet(request, "/new"),
          (client) => client.get("/"),
        ],
        FileServlet: [
          (request) => new FileServlet(request, import.meta.filename),
          (client) => client.get("/"),
        ],
      };
    for (const [name, [make, ask]] of Object.entries(CASES)) {
      it(`${name} leaves nothing behind, and is destroyed once`, async () => {
        const lives = new Map<HttpServlet, number>();
        const report = await exploreDisconnects({
          site: () =>
            new HttpServer((request) => {
              const servlet = make(request);
              lives.set(servlet, 0);
              servlet.destroyServlet = () => void lives.set(servlet, (lives.get(servlet) ?? 0) + 1);
              return servlet;
            }),
          drive: async (client) => {
            await ask(client);
          },
          invariant: () => {
            const wrong = [...lives.values()].filter((times) => times !== 1);
            lives.clear();
            if (wrong.length > 0) throw new Error(`destroyed ${wrong.join()} times`);
          },
        });
        report.assertClean();
        expect(report.runs).to.be.above(2);
      });
    }
  });

  it("that never end are a finding of the leak check", async () => {
    const check = leakCheck();
    check.begin();
    const { client } = serving();
    client.get("/app/later");
    let found: unknown;
    await check.end().catch((error: unknown) => {
      found = error;
    });
    expect(String(found)).to.contain("request");
  });

  it("finish what is being answered when SIGINT comes, and end", async () => {
    const program = spawn(
      process.execPath,
      [
        "--import",
        "./spec/support/strip-types.mjs",
        "--conditions=weftline-source",
        "examples/servlets/serve.ts",
        "0",
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    try {
      const url = await firstLine(program);
      const response = await fetch(`${url}app/batch?mib=1`);
      expect((await response.text()).length).to.equal(1_048_576);
      program.kill("SIGINT");
      const [code]: unknown[] = await once(program, "exit");
      expect(code).to.equal(0);
    } finally {
      program.kill("SIGKILL");
    }
  });
});

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  const [first]: unknown[] = stdout === null ? [] : await once(stdout, "data");
  stdout?.resume();
  return String(first).trim();
}
