import { expect } from "chai";
import { CookieJar } from "../../lib/testing/cookie-jar.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { ReplyError } from "../../lib/testing/reply-error.ts";
import {
  type ClientContext,
  type ConnectionUse,
  TestConnection,
} from "../../lib/testing/test-connection.ts";
import { type MemoryTransport, memoryPair } from "../../lib/transport/memory.ts";

/** A server that follows a script: what it got, and what it is to send for each piece that comes. */
class ScriptedServer {
  readonly transport: MemoryTransport;
  got = "";
  ended = false;
  lost: Error | "agreed" | undefined;

  constructor(transport: MemoryTransport, answer: (text: string, server: ScriptedServer) => void) {
    this.transport = transport;
    transport.start({
      received: (bytes) => {
        const text = Buffer.from(bytes).toString("latin1");
        this.got += text;
        answer(text, this);
      },
      ended: () => {
        this.ended = true;
      },
      drained: () => undefined,
      lost: (reason) => {
        this.lost = reason ?? "agreed";
      },
    });
  }

  send(text: string): void {
    this.transport.write(text);
  }
}

interface Scene {
  readonly server: ScriptedServer;
  readonly connection: TestConnection;
  readonly clock: FakeClock;
  readonly jar: CookieJar;
}

const open: TestConnection[] = [];

function scene(
  answer: string | ((text: string, server: ScriptedServer) => void) = () => undefined,
  use?: ConnectionUse,
  headers?: ClientContext["headers"],
): Scene {
  const clock = new FakeClock();
  const jar = new CookieJar(() => clock.now());
  const pair = memoryPair();
  const reply =
    typeof answer === "string" ? (_: string, to: ScriptedServer) => to.send(answer) : answer;
  const server = new ScriptedServer(pair.server, reply);
  const connection = new TestConnection(pair.client, { clock, jar, headers }, use);
  open.push(connection);
  return { server, connection, clock, jar };
}

function ok(body: string, fields = ""): string {
  return `HTTP/1.1 200 OK\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`;
}

async function turn(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

async function failureOf(promise: PromiseLike<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail("it should be rejected"),
    (error: unknown) => error,
  );
}

async function* twoPieces(): AsyncGenerator<string> {
  yield "ab";
  yield await Promise.resolve("c");
}

async function* brokenPieces(): AsyncGenerator<string> {
  yield "ab";
  throw await Promise.resolve(new Error("no more"));
}

const CLOSES: ConnectionUse = {
  whenIdle: (connection) => {
    connection.close();
  },
};

describe("testing/test-connection", () => {
  afterEach(() => {
    for (const connection of open.splice(0)) connection.reset();
  });

  describe("raw bytes", () => {
    it("sends text as UTF-8 and bytes as they are, and shows all that came", () => {
      const { server, connection } = scene((text, to) => {
        to.send(`<${text.length}>`);
      });
      expect(connection.write("é")).to.equal(true);
      connection.write(new Uint8Array([0, 255]));
      expect(server.got).to.equal("\xc3\xa9\0\xff");
      expect(connection.text).to.equal("<2><2>");
      expect(connection.bytes).to.deep.equal(new TextEncoder().encode("<2><2>"));
      expect(connection.replies).to.deep.equal([]);
    });

    it("reads on after its own end", () => {
      const { server, connection } = scene();
      connection.end();
      expect([server.ended, server.lost]).to.deep.equal([true, undefined]);
      server.send("late");
      expect(connection.text).to.equal("late");
    });

    it("closes both ways, cleanly", () => {
      const { server, connection } = scene();
      connection.close();
      expect([server.ended, server.lost]).to.deep.equal([true, "agreed"]);
      expect([connection.closed, connection.failure]).to.deep.equal([true, undefined]);
      expect(connection.write("x")).to.equal(false);
    });

    it("resets", () => {
      const { server, connection } = scene();
      connection.reset();
      expect(server.lost).to.have.property("code", "ECONNRESET");
      expect(connection.closed).to.equal(true);
    });

    it("closes when the server has ended", () => {
      const { server, connection } = scene();
      server.transport.end();
      expect([connection.ended, connection.closed]).to.deep.equal([true, true]);
      expect(server.lost).to.equal("agreed");
    });

    it("stays half open where that was asked for", () => {
      const { server, connection } = scene(undefined, { allowHalfOpen: true });
      server.transport.end();
      expect([connection.ended, connection.closed]).to.deep.equal([true, false]);
      connection.write("more");
      expect(server.got).to.equal("more");
      connection.end();
      expect(connection.closed).to.equal(true);
    });

    it("says why it was lost", () => {
      const { server, connection } = scene();
      server.transport.abort();
      expect(connection.failure).to.have.property("code", "ECONNRESET");
    });

    it("stops reading and reads on", () => {
      const { server, connection } = scene();
      connection.pause();
      server.send("abcdef");
      expect(connection.text).to.equal("");
      connection.read(2);
      expect(connection.text).to.equal("ab");
      connection.read(1);
      expect(connection.text).to.equal("abc");
      connection.resume();
      expect(connection.text).to.equal("abcdef");
    });

    it("reads slowly on the clock", () => {
      const { server, connection, clock } = scene();
      connection.readSlowly(2);
      server.send("abcde");
      expect(connection.text).to.equal("");
      const seen = [500, 500, 499, 1].map((ms) => {
        clock.advance(ms);
        return connection.text;
      });
      expect(seen).to.deep.equal(["a", "ab", "ab", "abc"]);
      expect(clock.pending).to.deep.equal([]);
      connection.resume();
      expect(connection.text).to.equal("abcde");
    });

    it("shares out a fast rate ten times a second, and stops when closed", () => {
      const { server, connection, clock } = scene();
      connection.readSlowly(1_005);
      server.send("x".repeat(400));
      clock.advance(100);
      expect(connection.text).to.have.length(100);
      clock.advance(100);
      expect(connection.text).to.have.length(201);
      connection.readSlowly(10);
      clock.advance(100);
      expect(connection.text).to.have.length(202);
      connection.close();
      expect(clock.housekeeping).to.deep.equal([]);
    });

    it("sends slowly on the clock, until it is closed", () => {
      const { server, connection, clock } = scene();
      connection.trickle("abcde", 1_000, 2);
      expect(server.got).to.equal("ab");
      clock.advance(1_000);
      expect(server.got).to.equal("abcd");
      clock.advance(1_000);
      expect(server.got).to.equal("abcde");
      expect(clock.housekeeping).to.deep.equal([]);
      connection.trickle("xyz", 1_000);
      connection.close();
      clock.advance(2_000);
      expect([server.got, clock.housekeeping.length]).to.deep.equal(["abcdex", 0]);
    });
  });

  describe("requests", () => {
    it("has the whole reply when the request returns, if the server is so quick", () => {
      const { server, connection } = scene(ok("hello", "X-A: b\r\n"));
      const reply = connection.request("GET", "/x");
      expect(server.got).to.equal("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
      expect([reply.status, reply.reason, reply.text, reply.done]).to.deep.equal([
        200,
        "OK",
        "hello",
        true,
      ]);
      expect(reply.headers.get("x-a")).to.equal("b");
      expect(reply.bytes).to.deep.equal(new TextEncoder().encode("hello"));
      expect([reply.failure, reply.method, reply.path]).to.deep.equal([undefined, "GET", "/x"]);
    });

    it("shows nothing before the head, then each piece as it comes", () => {
      const { server, connection } = scene();
      const reply = connection.request("GET", "/");
      expect([reply.status, reply.reason, reply.text, reply.done]).to.deep.equal([
        undefined,
        "",
        "",
        false,
      ]);
      expect([reply.headers.size, reply.trailers.size]).to.deep.equal([0, 0]);
      server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n");
      expect([reply.status, reply.text, reply.done]).to.deep.equal([200, "he", false]);
      server.send("3\r\nllo\r\n0\r\nX-Sum: 5\r\n\r\n");
      expect([reply.text, reply.done, reply.trailers.get("x-sum")]).to.deep.equal([
        "hello",
        true,
        "5",
      ]);
    });

    it("can be awaited, before and after the end", async () => {
      const { server, connection } = scene();
      const reply = connection.request("GET", "/");
      const early = reply.then(({ text }) => text);
      server.send(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok('{"a":1}')}`);
      expect(await early).to.equal('{"a":1}');
      const finished = await reply;
      expect(finished).to.include({ status: 200, reason: "OK", text: '{"a":1}' });
      expect(finished.json()).to.deep.equal({ a: 1 });
      expect(reply.json()).to.deep.equal({ a: 1 });
      expect(finished.bytes).to.have.length(7);
      expect(finished.informational.map(({ status }) => status)).to.deep.equal([103]);
      expect(finished.informational[0]?.headers.get("link")).to.equal("</a>");
      expect(finished.trailers.size).to.equal(0);
    });

    it("gives the pieces of the body one by one", async () => {
      const { server, connection } = scene();
      const reply = connection.request("GET", "/");
      const seen: string[] = [];
      const reading = (async () => {
        for await (const piece of reply) seen.push(piece);
      })();
      server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n");
      await turn();
      server.send("3\r\nllo\r\n0\r\n\r\n");
      await reading;
      expect(seen).to.deep.equal(["he", "llo"]);
    });

    it("sends one request after another", () => {
      const { server, connection } = scene((text, to) => {
        to.send(ok(text.split(" ")[1] ?? ""));
      });
      expect(connection.request("GET", "/a").text).to.equal("/a");
      expect(connection.idle).to.equal(true);
      expect(connection.request("GET", "/b").text).to.equal("/b");
      expect(connection.replies.map(({ text }) => text)).to.deep.equal(["/a", "/b"]);
      expect(server.lost).to.equal(undefined);
    });

    it("pipelines requests in one write, and tells their replies apart", () => {
      let writes = 0;
      const { connection } = scene((text, to) => {
        writes += 1;
        expect(text).to.match(/^GET \/a .*\r\n\r\nHEAD \/b .*\r\n\r\nPOST \/c [^]*\r\n\r\nxy$/s);
        to.send(`${ok("one")}HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n${ok("three")}`);
      });
      const replies = connection.pipeline([
        { path: "/a" },
        { path: "/b", method: "HEAD" },
        { path: "/c", method: "POST", body: "xy" },
      ]);
      expect(replies.map(({ text, done }) => [text, done])).to.deep.equal([
        ["one", true],
        ["", true],
        ["three", true],
      ]);
      expect(writes).to.equal(1);
    });

    it("does not pipeline a body in pieces", () => {
      const { server, connection } = scene();
      expect(() => connection.pipeline([{ path: "/", method: "PUT", body: ["x"] }])).to.throw(
        TypeError,
      );
      expect(server.got).to.equal("");
    });

    it("takes what came for a raw request as its reply", () => {
      const { connection } = scene("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
      connection.write("HEAD / HTTP/1.1\r\n\r\n");
      const reply = connection.expectReply("HEAD");
      expect([reply.status, reply.done, reply.text]).to.deep.equal([200, true, ""]);
    });

    it("waits for the reply to a raw request", () => {
      const { server, connection } = scene();
      const reply = connection.expectReply();
      server.send(ok("x"));
      expect(reply.text).to.equal("x");
    });

    it("sends the fields of the client, and lets a request replace them", () => {
      const { server, connection } = scene(ok(""), {}, { "X-A": "1", "X-B": "1" });
      connection.request("GET", "/", { headers: { "x-a": "2" } });
      expect(server.got).to.contain("x-a: 2\r\nX-B: 1\r\n");
      connection.request("GET", "/");
      expect(server.got).to.contain("X-A: 1\r\nX-B: 1\r\n");
    });

    it("keeps cookies and sends them back", () => {
      const { server, connection, jar } = scene(ok("", "Set-Cookie: k=v; Path=/\r\n"));
      connection.request("GET", "/");
      expect(jar.get("k")).to.equal("v");
      connection.request("GET", "/");
      expect(server.got).to.contain("Cookie: k=v\r\n");
    });

    it("neither keeps nor sends cookies where a request says so", () => {
      const { server, connection, jar } = scene(ok("", "Set-Cookie: k=v; Path=/\r\n"));
      connection.request("GET", "/", { cookies: false });
      expect(jar.empty).to.equal(true);
      jar.set("a", "b");
      connection.request("GET", "/", { cookies: false });
      expect(server.got).not.to.contain("Cookie");
    });
  });

  describe("bodies", () => {
    it("sends a list of pieces as chunks, at once", () => {
      const { server, connection } = scene();
      connection.request("PUT", "/", { body: ["ab", "", new Uint8Array([99])] });
      expect(server.got).to.match(
        /Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n$/,
      );
    });

    it("sends a list of pieces one by one on the clock", () => {
      const { server, connection, clock } = scene();
      connection.request("PUT", "/", { body: ["ab", "c"], writer: { everyMs: 1_000 } });
      expect(server.got).to.match(/\r\n\r\n2\r\nab\r\n$/);
      clock.advance(999);
      expect(server.got).to.match(/\r\n\r\n2\r\nab\r\n$/);
      clock.advance(1);
      expect(server.got).to.match(/\r\n1\r\nc\r\n0\r\n\r\n$/);
    });

    it("sends no more of a list on the clock when the connection is gone", () => {
      const { server, connection, clock } = scene();
      connection.request("PUT", "/", { body: ["ab", "c", "d"], writer: { everyMs: 1_000 } });
      connection.close();
      clock.advance(5_000);
      expect([server.got.endsWith("ab\r\n"), clock.housekeeping.length]).to.deep.equal([true, 0]);
    });

    it("asks for no more pieces on the clock when the connection is gone", async () => {
      const { server, connection, clock } = scene();
      connection.request("PUT", "/", { body: twoPieces(), writer: { everyMs: 1_000 } });
      await turn();
      connection.close();
      await clock.advanceAsync(5_000);
      expect(server.got).to.match(/\r\n2\r\nab\r\n$/);
    });

    it("sends no piece that comes when the connection is gone", async () => {
      const { server, connection } = scene();
      connection.request("PUT", "/", { body: twoPieces() });
      connection.close();
      await turn();
      expect(server.got).to.match(/chunked\r\n\r\n$/);
    });

    it("sends pieces as they come", async () => {
      const { server, connection } = scene();
      connection.request("PUT", "/", { body: twoPieces(), headers: { "Content-Length": "3" } });
      await turn();
      expect(server.got).to.match(/\r\n\r\nabc$/);
    });

    it("sends pieces that come on the clock", async () => {
      const { server, connection, clock } = scene();
      connection.request("PUT", "/", { body: twoPieces(), writer: { everyMs: 500 } });
      await turn();
      expect(server.got).to.match(/\r\n2\r\nab\r\n$/);
      await clock.advanceAsync(500);
      await turn();
      expect(server.got).to.match(/\r\n1\r\nc\r\n$/);
      await clock.advanceAsync(500);
      await turn();
      expect(server.got).to.match(/\r\n0\r\n\r\n$/);
    });

    it("asks for no more pieces than the server takes, nor after the connection is gone", async () => {
      const { server, connection } = scene();
      let asked = 0;
      let ended = false;
      async function* body(): AsyncGenerator<Uint8Array> {
        try {
          for (;;) {
            asked += 1;
            yield new Uint8Array(65_536);
          }
        } finally {
          ended = true;
        }
      }
      server.transport.pause();
      connection.request("PUT", "/", { body: body() });
      await turn();
      expect(asked).to.equal(1);
      server.transport.allow(70_000);
      server.transport.resume();
      await turn();
      expect(asked, "two go on, a third waits").to.equal(3);
      connection.close();
      await turn();
      expect([asked, ended]).to.deep.equal([3, true]);
    });

    it("resets when the pieces throw, and says so", async () => {
      const { server, connection } = scene();
      const reply = connection.request("PUT", "/", { body: brokenPieces() });
      expect(String(await failureOf(reply))).to.contain(
        "the body of the request threw Error: no more",
      );
      expect(server.lost).to.have.property("code", "ECONNRESET");
    });

    it("sends a form", async () => {
      const { server, connection } = scene();
      const form = new FormData();
      form.set("file", new Blob(["data"]), "f.txt");
      connection.request("POST", "/", { body: form });
      for (let turns = 0; turns < 50 && !server.got.endsWith("0\r\n\r\n"); turns += 1) await turn();
      expect(server.got).to.contain('filename="f.txt"').and.contain("data");
    });

    it("writes an upload bit by bit", () => {
      const { server, connection } = scene((text, to) => {
        if (text.endsWith("0\r\n\r\n")) to.send(ok("got it"));
      });
      const reply = connection.request("PUT", "/", { upload: true });
      expect(reply.write("abc")).to.equal(true);
      expect(reply.write("")).to.equal(true);
      expect(server.got).to.match(/\r\n\r\n3\r\nabc\r\n$/);
      reply.end();
      reply.end();
      expect(reply.text).to.equal("got it");
      expect(() => reply.write("x")).to.throw(TypeError, "has ended");
    });

    it("sends an upload of known length as it is", () => {
      const { server, connection } = scene();
      const reply = connection.request("PUT", "/", {
        upload: true,
        headers: { "Content-Length": "3" },
      });
      reply.write("abc");
      reply.end();
      expect(server.got).to.match(/Content-Length: 3\r\n\r\nabc$/);
    });

    it("cannot write to a request whose body was given", () => {
      const { connection } = scene();
      const reply = connection.request("PUT", "/", { body: "x" });
      expect(() => reply.write("y")).to.throw(TypeError, "upload: true");
      expect(() => reply.end()).to.throw(TypeError, "upload: true");
    });

    it("waits for 100 Continue with the body", () => {
      const { server, connection } = scene();
      const reply = connection.request("PUT", "/", { body: "abc", expectContinue: true });
      expect(server.got).to.match(/Expect: 100-continue\r\nContent-Length: 3\r\n\r\n$/);
      server.send("HTTP/1.1 100 Continue\r\n\r\n");
      expect(server.got).to.match(/\r\n\r\nabc$/);
      server.send(ok("x"));
      expect(reply.informational.map(({ status }) => status)).to.deep.equal([100]);
      expect(reply.text).to.equal("x");
    });

    it("waits for 100 Continue with pieces, and does not send them twice", () => {
      const { server, connection } = scene();
      const reply = connection.request("PUT", "/", { upload: true, expectContinue: true });
      expect(reply.write("ab")).to.equal(true);
      server.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
      reply.write("c");
      reply.end();
      expect(server.got).to.match(/\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n$/);
    });

    it("sends no body when the server refuses it beforehand", () => {
      const { server, connection } = scene(ok("no"));
      const reply = connection.request("PUT", "/", { body: "abc", expectContinue: true });
      expect(reply.text).to.equal("no");
      expect(server.got).not.to.match(/abc$/);
    });
  });

  describe("endings", () => {
    it("lets the client leave by a close or a reset", () => {
      const one = scene();
      one.connection.request("GET", "/").disconnect();
      expect([one.server.ended, one.server.lost]).to.deep.equal([true, "agreed"]);
      const other = scene();
      other.connection.request("GET", "/").reset();
      expect(other.server.lost).to.have.property("code", "ECONNRESET");
    });

    it("lets the client end its side only", () => {
      const { server, connection } = scene();
      const reply = connection.request("GET", "/");
      reply.halfClose();
      expect([server.ended, server.lost]).to.deep.equal([true, undefined]);
      server.send(ok("still"));
      expect(reply.text).to.equal("still");
    });

    it("lets a reply stop and go on reading", () => {
      const { server, connection } = scene();
      const reply = connection.request("GET", "/");
      reply.pause();
      server.send(ok("hello"));
      expect(reply.status).to.equal(undefined);
      reply.read(ok("hello").length - 3);
      expect(reply.text).to.equal("he");
      reply.resume();
      expect(reply.text).to.equal("hello");
    });

    for (const [title, sent, leave, message] of [
      ["before the head", "HTTP/1.1 2", "reset", /^GET \/a: the peer reset .*; no head had come$/],
      [
        "within the body",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
        "reset",
        /; 200 and "hello" had come$/,
      ],
      [
        "after the head",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
        "reset",
        /; 200 and no body had come$/,
      ],
      [
        "by an end",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
        "end",
        /4 bytes before the end of the body/,
      ],
      ["by an end, without a word", "", "end", /closed the connection instead of a reply/],
      ["here", "", "close", /the client itself closed the connection/],
      ["here, by a reset", "", "abort", /the client itself reset the connection/],
    ] as const) {
      it(`rejects with what had come when it is cut ${title}`, async () => {
        const { server, connection } = scene();
        const reply = connection.request("GET", "/a");
        const waiting = failureOf(reply);
        server.send(sent);
        if (leave === "reset") server.transport.abort();
        else if (leave === "end") server.transport.end();
        else if (leave === "close") reply.disconnect();
        else reply.reset();
        const error = await waiting;
        expect(error).to.be.instanceOf(ReplyError);
        expect((error as Error).message).to.match(message);
        expect(await failureOf(reply)).to.equal(error);
        expect([reply.done, reply.failure]).to.deep.equal([false, error]);
        expect(reply.text).to.equal(sent.includes("hello") ? "hello" : "");
      });
    }

    it("fails every reply that had not come whole", () => {
      const { server, connection } = scene();
      const [one, two, three] = connection.pipeline([
        { path: "/1" },
        { path: "/2" },
        { path: "/3" },
      ]);
      server.send(ok("first"));
      server.transport.abort();
      expect(one?.failure).to.equal(undefined);
      expect(String(two?.failure)).to.contain("GET /2");
      expect(String(three?.failure)).to.contain("GET /3");
    });

    it("takes the end of the connection for the end of a body without a length", () => {
      const { server, connection } = scene();
      const reply = connection.request("GET", "/");
      server.send("HTTP/1.0 200 OK\r\n\r\nhello");
      expect(reply.done).to.equal(false);
      server.transport.end();
      expect([reply.done, reply.text]).to.deep.equal([true, "hello"]);
    });

    it("throws at every look when the server breaks HTTP, and resets", async () => {
      const { server, connection } = scene("HTTP/1.1 two hundred\r\n\r\n");
      const reply = connection.request("GET", "/");
      for (const look of [
        "status",
        "reason",
        "headers",
        "text",
        "bytes",
        "trailers",
        "informational",
        "done",
      ] as const) {
        expect(() => reply[look], look).to.throw(
          ReplyError,
          'GET /: the server sent "HTTP/1.1 two hundred',
        );
      }
      expect(await failureOf(reply)).to.equal(reply.failure);
      expect(server.lost).to.have.property("code", "ECONNRESET");
    });

    it("rejects who waits for a reply that breaks HTTP", async () => {
      const { server, connection } = scene();
      const reply = connection.request("GET", "/");
      const waiting = failureOf(reply);
      server.send("nonsense");
      expect(await waiting).to.equal(reply.failure);
    });

    it("lets out what the server throws when it is sent the body that it asked for", () => {
      const { server, connection } = scene((text) => {
        if (text === "abc") throw new Error("the server is broken");
      });
      connection.request("PUT", "/", { body: "abc", expectContinue: true });
      expect(() => server.send("HTTP/1.1 100 Continue\r\n\r\n")).to.throw("the server is broken");
    });

    it("throws when a raw answer breaks HTTP", () => {
      const { connection } = scene("nonsense");
      connection.write("x");
      const reply = connection.expectReply();
      expect(() => reply.status).to.throw(ReplyError, '"nonsense"');
      expect(connection.closed).to.equal(true);
    });

    it("throws when the server had sent something before it was asked", () => {
      const { server, connection } = scene();
      server.send("HTTP/1.1 408 Too late\r\n\r\n");
      const reply = connection.request("GET", "/");
      expect(() => reply.status).to.throw('the server had sent "HTTP/1.1 408');
    });
  });

  describe("of the client's own", () => {
    it("is closed when the reply has come whole", () => {
      const { server, connection } = scene(ok("x"), CLOSES);
      expect(connection.request("GET", "/").text).to.equal("x");
      expect(server.lost).to.equal("agreed");
      expect([connection.text, connection.bytes.length]).to.deep.equal(["", 0]);
    });

    it("is closed a moment later when the reply comes later: not within the server's own write", async () => {
      const { server, connection } = scene(undefined, CLOSES);
      const reply = connection.request("GET", "/");
      server.send(ok("x"));
      expect([reply.done, server.lost]).to.deep.equal([true, undefined]);
      await Promise.resolve();
      expect(server.lost).to.equal("agreed");
    });

    it("makes bytes after the reply a fault", () => {
      const { connection } = scene(`${ok("x")}yz`, CLOSES);
      const reply = connection.request("GET", "/");
      expect(() => reply.text).to.throw('the server sent "yz" after the end of the reply');
    });

    it("takes bytes after a change of protocol for what they are", () => {
      const { connection } = scene("HTTP/1.1 101 Switching\r\n\r\nraw", CLOSES);
      expect(connection.request("GET", "/").status).to.equal(101);
    });
  });
});
