import { expect } from "chai";
import { systemClock } from "../../lib/defer/clock.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { ReplyError } from "../../lib/testing/reply-error.ts";
import { TestClient } from "../../lib/testing/test-client.ts";
import { NOT_DONE_YET } from "../../lib/web/body.ts";
import { HttpError } from "../../lib/web/http-error.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";
import { Site } from "../../lib/web/site.ts";

/** A leaf that renders every method with a function. */
class Leaf extends Resource {
  override isLeaf = true;
  override render: (request: Request) => ReturnType<Resource["render"]>;

  constructor(render: (request: Request) => ReturnType<Resource["render"]>) {
    super();
    this.render = render;
  }
}

const hello = new Leaf(() => "hello");
const slow = new Leaf((request) => {
  request.callLater(5_000, () => {
    request.write("sorry");
    request.finish();
  });
  return NOT_DONE_YET;
});
const echo = new Leaf((request) => request.text());
const facts = new Leaf((request) =>
  JSON.stringify({
    method: request.method,
    version: request.version,
    client: request.client,
    secure: request.isSecure,
    host: request.headers.get("host"),
  }),
);

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe("testing/test-client", () => {
  it("has the answer of a synchronous resource when the request returns, and leaves nothing", () => {
    const client = new TestClient(hello);
    const reply = client.get("/");
    expect([reply.status, reply.text, reply.done]).to.deep.equal([200, "hello", true]);
    expect(client.clock.pending).to.deep.equal([]);
    expect(client.site.connections).to.equal(0);
  });

  it("shows nothing at 4,999 ms and the answer at 5,000", () => {
    const client = new TestClient(slow);
    const reply = client.get("/");
    client.clock.advance(4_999);
    expect([reply.status, reply.text, reply.done]).to.deep.equal([undefined, "", false]);
    client.clock.advance(1);
    expect([reply.status, reply.text, reply.done]).to.deep.equal([200, "sorry", true]);
  });

  for (const leave of ["disconnect", "reset"] as const) {
    it(`lets the client leave by ${leave}, which cancels what waits`, () => {
      const client = new TestClient(slow);
      const reply = client.get("/");
      expect(client.clock.pending).to.have.length(1);
      reply[leave]();
      expect(client.clock.pending).to.deep.equal([]);
      expect(client.site.connections).to.equal(0);
      expect(() => reply[leave]()).not.to.throw();
    });
  }

  it("can be awaited under a clock that moves by itself", async () => {
    const clock = new FakeClock({ autoAdvance: true });
    const reply = await new TestClient(slow, { clock }).get("/");
    expect([reply.status, reply.text]).to.deep.equal([200, "sorry"]);
  });

  it("rejects, and says what had come, when the server breaks off", async () => {
    const client = new TestClient(
      new Leaf((request) => {
        request.write("some");
        request.callLater(1, () => {
          request.abort();
        });
        return NOT_DONE_YET;
      }),
    );
    const reply = client.get("/x");
    client.clock.advance(1);
    await reply.then(
      () => expect.fail("it was cut"),
      (error: unknown) => {
        expect(error).to.be.instanceOf(ReplyError);
        expect(String(error)).to.match(/GET \/x: .*reset.*; 200 and "some" had come/);
      },
    );
  });

  it("leaves a connection open until its answer comes, and closes it a moment later", async () => {
    const client = new TestClient(slow);
    const reply = client.get("/");
    expect(client.site.connections).to.equal(1);
    client.clock.advance(5_000);
    expect(reply.done).to.equal(true);
    await reply;
    expect(client.site.connections).to.equal(0);
  });

  for (const method of ["get", "head", "post", "put", "patch", "delete", "options"] as const) {
    it(`has a method for ${method.toUpperCase()}`, () => {
      const reply = new TestClient(facts)[method]("/");
      expect(reply.method).to.equal(method.toUpperCase());
      if (method !== "head") expect(reply.json()).to.include({ method: method.toUpperCase() });
    });
  }

  it("takes any other method by name", () => {
    expect(new TestClient(facts).request("PROPFIND", "/").json()).to.include({
      method: "PROPFIND",
    });
  });

  it("sends bodies", async () => {
    const client = new TestClient(echo);
    expect((await client.post("/", { body: "é" })).text).to.equal("é");
    expect((await client.post("/", { json: [1] })).json()).to.deep.equal([1]);
    expect((await client.post("/", { body: ["a", "b"] })).text).to.equal("ab");
    expect(
      (await client.post("/", { body: "big", expectContinue: true })).informational,
    ).to.have.length(1);
  });

  it("says who it is", () => {
    const client = new TestClient(facts);
    const plain = { family: "IPv4", host: "127.0.0.1", port: 49_152 };
    expect(client.get("/").json()).to.deep.equal({
      method: "GET",
      version: "HTTP/1.1",
      client: plain,
      secure: false,
      host: "localhost",
    });
    expect(client.get("/", { secure: true }).json()).to.include({ secure: true });
    expect(client.get("/", { version: "1.0" }).json()).to.include({ version: "HTTP/1.0" });
    expect(client.get("/", { client: "10.0.0.1" }).json()).to.deep.include({
      client: { ...plain, host: "10.0.0.1" },
      secure: false,
    });
    expect(client.get("/", { client: "::1", secure: true }).json()).to.deep.include({
      client: { ...plain, family: "IPv6", host: "::1" },
      secure: true,
    });
    const socket = { family: "unix", host: "", port: 0 } as const;
    expect(client.get("/", { client: socket }).json()).to.deep.include({ client: socket });
  });

  it("applies the options of the client to each request", () => {
    const client = new TestClient(facts, { secure: true, headers: { Host: "example.org" } });
    expect(client.get("/").json()).to.include({ secure: true, host: "example.org" });
    expect(client.get("/", { headers: { Host: "h" }, secure: false }).json()).to.include({
      secure: false,
      host: "h",
    });
  });

  it("keeps cookies", () => {
    const counter = new Leaf((request) => {
      const count = Number(request.cookies.get("n") ?? "0") + 1;
      request.addCookie("n", String(count));
      return String(count);
    });
    const client = new TestClient(counter);
    expect(["/", "/", "/"].map((path) => client.get(path).text)).to.deep.equal(["1", "2", "3"]);
    expect(client.get("/", { cookies: false }).text).to.equal("1");
    client.cookies.clear();
    expect(client.get("/").text).to.equal("1");
  });

  it("reads slowly, on the clock", () => {
    const client = new TestClient(hello);
    const reply = client.get("/", { reader: { bytesPerSecond: 1_000 } });
    expect(reply.status).to.equal(undefined);
    client.clock.advance(1_000);
    expect([reply.text, client.site.connections]).to.deep.equal(["hello", 1]);
  });

  it("reads nothing until it is told to", async () => {
    const client = new TestClient(hello);
    const reply = client.get("/", { paused: true });
    expect(reply.status).to.equal(undefined);
    reply.read(20);
    expect(reply.status).to.equal(undefined);
    reply.resume();
    expect((await reply).text).to.equal("hello");
  });

  it("has a connection for raw bytes", () => {
    const client = new TestClient(hello);
    const connection = client.connect();
    connection.write("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    expect(connection.text).to.match(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nhello$/);
    expect([connection.ended, connection.closed, client.site.connections]).to.deep.equal([
      true,
      true,
      0,
    ]);
  });

  it("has a connection for several requests", () => {
    const client = new TestClient(facts);
    const connection = client.connect({ client: "10.0.0.1" });
    const [one, two] = connection.pipeline([{ path: "/" }, { path: "/", method: "PUT" }]);
    expect(one?.json()).to.include({ method: "GET" });
    expect(two?.json()).to.include({ method: "PUT" });
    expect(connection.request("GET", "/").done).to.equal(true);
    connection.close();
    expect(client.site.connections).to.equal(0);
  });

  it("uses a connection again where that is asked for, and closes it when told to", async () => {
    const client = new TestClient(slow, { keepAlive: true });
    const first = client.get("/");
    const second = client.get("/");
    expect(client.site.connections).to.equal(2);
    client.clock.advance(5_000);
    await Promise.all([first, second]);
    const third = client.get("/");
    expect(client.site.connections).to.equal(2);
    client.clock.advance(5_000);
    await third;
    client.close();
    expect(client.site.connections).to.equal(0);
  });

  it("does not use a connection again that the server has closed", () => {
    const client = new TestClient(hello, { keepAlive: true });
    client.get("/", { headers: { Connection: "close" } });
    expect(client.get("/").text).to.equal("hello");
    expect(client.site.connections).to.equal(1);
    expect(client.get("/", { secure: true }).done, "one of its own").to.equal(true);
    expect(client.site.connections).to.equal(1);
    client.close();
  });

  it("has the clock of the site", () => {
    const clock = new FakeClock();
    expect(new TestClient(hello, { clock }).clock).to.equal(clock);
    const site = new Site(hello, { clock });
    expect(new TestClient(site).clock).to.equal(clock);
    expect(new TestClient(site).site).to.equal(site);
    expect(() => new TestClient(new Site(hello)).clock).to.throw(TypeError, "not a FakeClock");
    expect(new TestClient(hello, { clock: systemClock }).get("/").text).to.equal("hello");
  });

  it("shows the status of errors", () => {
    const client = new TestClient(
      new Leaf(() => {
        throw new HttpError(404, "nothing here");
      }),
    );
    expect(client.get("/").status).to.equal(404);
  });

  it("takes a request that is cut after a part of its head", async () => {
    const client = new TestClient(hello);
    const connection = client.connect();
    connection.write("GET / HT");
    connection.end();
    await turn();
    expect([connection.text, connection.closed]).to.deep.equal(["", true]);
  });

  it("costs about as much as a few lines of the resource itself: a thousand requests take no time", () => {
    const client = new TestClient(hello);
    for (let count = 0; count < 1_000; count += 1) expect(client.get("/").text).to.equal("hello");
  });
});
