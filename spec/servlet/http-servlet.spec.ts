import { expect } from "chai";
import { Data } from "../../lib/resources/data.ts";
import { BLOCKED, type CongestionStatus } from "../../lib/servlet/congestion.ts";
import { HttpServer } from "../../lib/servlet/http-server.ts";
import { HttpServlet } from "../../lib/servlet/http-servlet.ts";
import type { Job } from "../../lib/servlet/job.ts";
import { OutOfOrderError } from "../../lib/servlet/out-of-order-error.ts";
import { RecordedRequest } from "../../lib/testing/recorded-request.ts";
import { NOT_DONE_YET } from "../../lib/web/body.ts";
import { HttpError } from "../../lib/web/http-error.ts";
import { Resource } from "../../lib/web/resource.ts";
import { Diary, noted, serve } from "./serving.ts";

class Hello extends HttpServlet {
  override processRequest(): void {
    this.sendResponse(200);
    this.sendHeader("Content-Type", "text/plain");
    this.endHeaders();
    this.sendContent("Hello ");
    this.sendContent("World\n");
    this.endContent();
  }
}

class Later extends HttpServlet {
  override processRequest(): void {
    this.sendResponse(200);
    this.sendHeader("Content-Type", "text/plain");
    this.endHeaders();
    this.startTimer(() => this.ready(), 10_000, "t");
  }

  ready(): void {
    this.sendContent("done");
    this.endContent();
  }
}

/** Runs a function as processRequest. */
function servletOf(process: (servlet: HttpServlet) => void | Promise<void>) {
  return class extends HttpServlet {
    override processRequest(): void | Promise<void> {
      return process(this);
    }
  };
}

function begin(servlet: HttpServlet): void {
  servlet.sendResponse(200);
  servlet.sendHeader("Content-Type", "text/plain");
  servlet.endHeaders();
}

function respond(servlet: HttpServlet): void {
  servlet.sendResponse(200);
}

function millennium(): number {
  return Date.UTC(2001, 0);
}

function withDeadline(Servlet: ReturnType<typeof servletOf>): HttpServer {
  const server = new HttpServer((request) => new Servlet(request));
  server.responseDeadlineMs = 1_000;
  return server;
}

describe("servlet/http-servlet", () => {
  it("answers within the call, with a length, and keeps the connection", () => {
    const { client } = serve((request) => new Hello(request));
    const connection = client.connect();
    const first = connection.request("GET", "/");
    expect(first.done).to.equal(true);
    expect(first.text).to.equal("Hello World\n");
    expect(first.headers.get("content-length")).to.equal("12");
    expect(first.headers.get("content-type")).to.equal("text/plain");
    const second = connection.request("HEAD", "/");
    expect(second.done).to.equal(true);
    expect(second.headers.get("content-length")).to.equal("12");
    expect(second.text).to.equal("");
    connection.close();
  });

  it("is a new object for each request", () => {
    const made: HttpServlet[] = [];
    const { client } = serve((request) => {
      const servlet = new Hello(request);
      made.push(servlet);
      return servlet;
    });
    const connection = client.connect();
    connection.pipeline([{ path: "/" }, { path: "/" }]);
    connection.close();
    expect(new Set(made).size).to.equal(2);
  });

  it("answers 501 where processRequest is not overridden", () => {
    const { client } = serve((request) => new HttpServlet(request));
    expect(client.get("/").status).to.equal(501);
  });

  it("ends nothing by returning, and is destroyed once when it ends", () => {
    const diary = new Diary();
    const { client, clock } = serve(noted(Later, diary));
    const reply = client.get("/");
    expect(reply.status).to.equal(200);
    expect(reply.done).to.equal(false);
    clock.advance(9_999);
    expect(reply.done).to.equal(false);
    clock.advance(1);
    expect(reply.done).to.equal(true);
    expect(reply.text).to.equal("done");
    expect(diary.entries).to.deep.equal(["destroyed: finished"]);
    expect(clock.pending).to.deep.equal([]);
  });

  for (const way of ["disconnect", "reset"] as const) {
    it(`cancels its timer and is destroyed once when the client leaves by ${way}`, () => {
      const diary = new Diary();
      const { client, clock, lines } = serve(noted(Later, diary));
      const reply = client.get("/");
      reply[way]();
      expect(diary.entries).to.deep.equal([`destroyed: ${way === "reset" ? "reset" : "closed"}`]);
      expect(clock.pending).to.deep.equal([]);
      clock.advance(20_000);
      expect(lines).to.deep.equal([]);
      expect(diary.entries).to.have.length(1);
    });
  }

  it("serves others while one waits", () => {
    const { client, clock } = serve((request) =>
      request.path === "/later" ? new Later(request) : new Hello(request),
    );
    const later = client.get("/later");
    expect(client.get("/").done).to.equal(true);
    clock.advance(10_000);
    expect(later.text).to.equal("done");
  });

  it("is told of its end after endContent, never within it", () => {
    const diary = new Diary();
    const Ends = servletOf((servlet) => {
      begin(servlet);
      servlet.endContent();
      diary.note("after endContent");
    });
    const { client } = serve(noted(Ends, diary));
    client.get("/");
    expect(diary.entries).to.deep.equal(["after endContent", "destroyed: finished"]);
  });

  it("is told of its end after endContent also where that is called from a promise", async () => {
    const diary = new Diary();
    const Ends = servletOf(async (servlet) => {
      await Promise.resolve();
      begin(servlet);
      servlet.endContent();
      diary.note("after endContent");
    });
    const { client } = serve(noted(Ends, diary));
    const reply = await client.get("/");
    expect(reply.headers.get("content-length")).to.equal("0");
    await Promise.resolve();
    expect(diary.entries).to.deep.equal(["after endContent", "destroyed: finished"]);
  });

  it("sends at the end of the turn what is sent from a promise", async () => {
    const { client, clock } = serve(
      (request) =>
        new (servletOf(async (servlet) => {
          await Promise.resolve();
          begin(servlet);
          servlet.sendContent("a");
          servlet.sendContent("b");
        }))(request),
    );
    const reply = client.get("/");
    await clock.advanceAsync(0);
    expect(reply.status).to.equal(200);
    expect(reply.text).to.equal("ab");
    reply.disconnect();
  });

  it("gathers text, and sends by itself what is long, bytes, and what is flushed", () => {
    const request = new RecordedRequest("/");
    const seen: number[] = [];
    const server = new HttpServer(
      (one) =>
        new (servletOf((servlet) => {
          begin(servlet);
          for (const piece of ["x".repeat(4_097), "y", new Uint8Array([122]), "w"]) {
            servlet.sendContent(piece);
            seen.push(request.sent.text.length);
          }
          expect(servlet.pendingContent()).to.equal(1);
          servlet.flushContent();
          servlet.flushContent();
          expect(servlet.pendingContent()).to.equal(0);
          seen.push(request.sent.text.length);
          servlet.sendContent("v".repeat(5_000));
          seen.push(request.sent.text.length);
          servlet.sendContent(new Uint8Array(2));
          expect(servlet.pendingContent()).to.equal(2);
          servlet.endContent();
        }))(one),
    );
    expect(server.render(request)).to.equal(NOT_DONE_YET);
    expect(seen).to.deep.equal([0, 4_097, 4_098, 4_099, 4_100, 9_100]);
    expect(request.sent.finished).to.equal(true);
  });

  describe("calls out of order", () => {
    const STATES: Readonly<Record<string, (servlet: HttpServlet) => void>> = {
      waiting: () => undefined,
      head: respond,
      body: begin,
      ended: (servlet) => {
        begin(servlet);
        servlet.endContent();
      },
    };
    const CALLS: Readonly<Record<string, (servlet: HttpServlet) => void>> = {
      sendResponse: respond,
      sendHeader: (servlet) => servlet.sendHeader("A", "b"),
      endHeaders: (servlet) => servlet.endHeaders(),
      sendContent: (servlet) => servlet.sendContent("x"),
      endContent: (servlet) => servlet.endContent(),
      sendError: (servlet) => servlet.sendError(503),
      delegate: (servlet) => servlet.delegate(new Resource()),
    };
    const LEGAL: Readonly<Record<string, readonly string[]>> = {
      waiting: ["sendResponse", "sendError", "delegate"],
      head: ["sendHeader", "endHeaders", "sendError"],
      body: ["sendContent", "endContent", "sendError"],
      ended: [],
    };
    for (const [state, reach] of Object.entries(STATES)) {
      for (const [call, make] of Object.entries(CALLS)) {
        const isLegal = LEGAL[state]?.includes(call) === true;
        it(`${call} while ${state} ${isLegal ? "is made" : "throws, naming both"}`, () => {
          let thrown: unknown;
          const Calls = servletOf((servlet) => {
            reach(servlet);
            try {
              make(servlet);
            } catch (error) {
              thrown = error;
            }
          });
          const { client } = serve((request) => new Calls(request));
          const reply = client.get("/");
          if (isLegal) expect(thrown).to.equal(undefined);
          else {
            expect(thrown).to.be.instanceOf(OutOfOrderError);
            expect(thrown).to.include({ call, state });
            expect((thrown as Error).message)
              .to.contain(call)
              .and.contain(`"${state}"`);
          }
          reply.disconnect();
        });
      }
      it(`every call while ${state} is without effect once the client has left`, () => {
        const { client, lines } = serve(
          (request) =>
            new (servletOf((servlet) => {
              if (state !== "ended") reach(servlet);
              request.onDisconnect(() => {
                expect(() => servlet.flushContent()).not.to.throw();
                servlet.shutdown();
              });
              servlet.destroyServlet = () => {
                for (const make of Object.values(CALLS)) make(servlet);
              };
            }))(request),
        );
        client.get("/").disconnect();
        expect(lines).to.deep.equal([]);
      });
    }
  });

  describe("what goes wrong", () => {
    it("is answered 500 before the head, also where a response was begun", () => {
      const { client, lines } = serve(
        (request) =>
          new (servletOf((servlet) => {
            servlet.sendResponse(200);
            servlet.sendHeader("X-Secret", "1");
            throw new Error("oops");
          }))(request),
      );
      const reply = client.get("/");
      expect(reply.status).to.equal(500);
      expect(reply.headers.has("x-secret")).to.equal(false);
      expect(lines.join("\n")).to.contain("oops");
    });

    it("resets the connection after the head, and sends no second status line", () => {
      const { client } = serve(
        (request) =>
          new (servletOf((servlet) => {
            begin(servlet);
            servlet.sendContent("x");
            throw new Error("oops");
          }))(request),
      );
      const connection = client.connect();
      const reply = connection.request("GET", "/");
      expect(reply.done).to.equal(false);
      expect(reply.failure).not.to.equal(undefined);
      expect(connection.text.match(/HTTP\/1/g) ?? []).to.have.length.below(2);
    });

    it("is answered as an HttpError says", () => {
      const { client } = serve(
        (request) =>
          new (servletOf(() => {
            throw new HttpError(418, "short & stout");
          }))(request),
      );
      const reply = client.get("/");
      expect(reply.status).to.equal(418);
      expect(reply.text).to.contain("short &amp; stout");
    });

    const AFTER: Readonly<Record<string, (servlet: HttpServlet) => void>> = {
      "a timer": (servlet) => {
        servlet.startTimer(() => {
          throw new Error("oops");
        }, 5);
      },
      "an asynchronous timer": (servlet) => {
        servlet.startTimer(() => Promise.reject(new Error("oops")) as unknown as void, 5);
      },
      "an alarm": (servlet) => {
        servlet.setAlarm(() => {
          throw new Error("oops");
        }, Date.UTC(2001, 0) + 5);
      },
      "a job": (servlet) => {
        servlet
          .createJob(() => {
            throw new Error("oops");
          })
          .schedule();
      },
    };
    for (const [what, start] of Object.entries(AFTER)) {
      for (const isBegun of [false, true]) {
        it(`in ${what} ${isBegun ? "after the head resets" : "is answered 500"}`, async () => {
          const diary = new Diary();
          const Breaks = servletOf((servlet) => {
            if (isBegun) begin(servlet);
            start(servlet);
            servlet.startTimer(() => diary.note("not cancelled"), 10);
          });
          const { client, clock, lines } = serve(noted(Breaks, diary), { wallClock: millennium });
          const reply = client.get("/");
          await clock.advanceAsync(20);
          expect(reply.status).to.equal(isBegun ? 200 : 500);
          expect(reply.done).to.equal(!isBegun);
          expect(lines.join("\n")).to.contain("oops");
          expect(diary.entries).to.deep.equal([`destroyed: ${isBegun ? "aborted" : "finished"}`]);
        });
      }
    }

    it("in destroyServlet is logged, sync or async", async () => {
      for (const fail of [
        () => {
          throw new Error("oops");
        },
        () => Promise.reject(new Error("oops")),
      ]) {
        const { client, lines, clock } = serve((request) => {
          const servlet = new Hello(request);
          servlet.destroyServlet = fail;
          return servlet;
        });
        expect(client.get("/").status).to.equal(200);
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await clock.advanceAsync(0);
        expect(lines.join("\n")).to.contain("oops");
      }
    });

    it("in a subscription that is disposed of is logged, and the servlet is destroyed all the same", () => {
      const diary = new Diary();
      const Owns = servletOf((servlet) => {
        servlet.own({
          [Symbol.dispose]: () => {
            throw new Error("oops");
          },
        });
      });
      const { client, lines } = serve(noted(Owns, diary));
      client.get("/").disconnect();
      expect(lines.join("\n")).to.contain("oops");
      expect(diary.entries).to.deep.equal(["destroyed: closed"]);
    });

    it("is a head that cannot be sent: 500", () => {
      const { client, lines } = serve(
        (request) =>
          new (servletOf((servlet) => {
            servlet.sendResponse(200);
            servlet.sendHeader("Content-Length", "many");
            servlet.endHeaders();
            throw new Error("oops");
          }))(request),
      );
      expect(client.get("/").status).to.equal(500);
      expect(lines.join("\n")).to.contain("Content-Length").and.contain("oops");
    });

    it("is a promise that rejects after the client has left for that reason: nothing", async () => {
      const { client, clock, lines } = serve(
        (request) =>
          new (servletOf(async () => {
            await request.notifyFinish();
          }))(request),
      );
      client.get("/").disconnect();
      await clock.advanceAsync(0);
      expect(lines).to.deep.equal([]);
    });
  });

  describe("sendError", () => {
    it("answers with the page of the site, message escaped, and keeps the connection", () => {
      const { client } = serve(
        (request) => new (servletOf((servlet) => servlet.sendError(403, "<no>")))(request),
      );
      const connection = client.connect();
      for (const reply of [connection.request("GET", "/"), connection.request("GET", "/")]) {
        expect(reply.status).to.equal(403);
        expect(reply.text).to.contain("&lt;no&gt;");
      }
      connection.close();
    });

    it("takes the place of a head that is not out", () => {
      const { client } = serve(
        (request) =>
          new (servletOf((servlet) => {
            servlet.sendResponse(200);
            servlet.sendError(404);
          }))(request),
      );
      expect(client.get("/").status).to.equal(404);
    });

    it("resets once the head is out", () => {
      const { client } = serve(
        (request) =>
          new (servletOf((servlet) => {
            begin(servlet);
            servlet.flushContent();
            servlet.sendError(404);
          }))(request),
      );
      const connection = client.connect();
      const reply = connection.request("GET", "/");
      expect(reply.failure).not.to.equal(undefined);
      expect(connection.text.match(/HTTP\/1/g) ?? []).to.have.length.below(2);
    });

    it("refuses what is not the status of an error, which is answered 500", () => {
      const { client } = serve(
        (request) => new (servletOf((servlet) => servlet.sendError(200)))(request),
      );
      expect(client.get("/").status).to.equal(500);
    });
  });

  describe("the content of a request", () => {
    class Upload extends HttpServlet {
      got = "";
      pieces = 0;

      override processContent(piece: Uint8Array): void | Promise<void> {
        this.pieces += 1;
        this.got += Buffer.from(piece).toString();
      }

      override processContentEnd(): void {
        begin(this);
        this.sendContent(`${this.pieces > 0 ? "pieces" : "nothing"}: ${this.got}`);
        this.endContent();
      }

      override processRequest(): void | Promise<void> {
        return undefined;
      }
    }

    it("comes piece by piece, framed, and the next request is read after it", async () => {
      const { client } = serve((request) => new Upload(request));
      const connection = client.connect();
      connection.write(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcPOST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
      );
      const texts = [];
      for (let count = 0; count < 3; count += 1) {
        // oxlint-disable-next-line no-await-in-loop -- in order
        texts.push((await connection.expectReply()).text);
      }
      expect(texts).to.deep.equal(["pieces: abc", "pieces: def", "nothing: "]);
      connection.close();
    });

    it("waits for a processRequest and a processContent that take their time", async () => {
      const order: string[] = [];
      class Slow extends Upload {
        override async processRequest(): Promise<void> {
          await Promise.resolve();
          order.push("request");
        }

        override async processContent(piece: Uint8Array): Promise<void> {
          await Promise.resolve();
          order.push(Buffer.from(piece).toString());
        }
      }
      const { client } = serve((request) => new Slow(request));
      const reply = client.post("/", { upload: true });
      reply.write("a");
      reply.write("b");
      reply.end();
      await reply;
      expect(order.join("")).to.equal("requestab");
    });

    it("is not processed once the response has ended", async () => {
      let pieces = 0;
      class Early extends Hello {
        override processContent(): void {
          pieces += 1;
        }
      }
      const { client, clock } = serve((request) => new Early(request));
      const reply = client.post("/", { body: "abc" });
      await reply;
      await clock.advanceAsync(0);
      expect(pieces).to.equal(0);
    });

    it("is waited for no longer when a timer has ended the response", async () => {
      class Impatient extends Upload {
        override processRequest(): void {
          this.startTimer(() => this.sendError(408), 1_000);
        }
      }
      const { client, clock, lines } = serve((request) => new Impatient(request));
      const reply = client.post("/", { upload: true });
      reply.write("a");
      await clock.advanceAsync(1_000);
      expect(reply.status).to.equal(408);
      reply.disconnect();
      await clock.advanceAsync(0);
      expect(lines).to.deep.equal([]);
    });

    it("breaks off without a word when the client leaves", async () => {
      const diary = new Diary();
      const { client, clock, lines } = serve(noted(Upload, diary));
      const reply = client.post("/", { upload: true });
      reply.write("a");
      await clock.advanceAsync(0);
      reply.disconnect();
      await clock.advanceAsync(0);
      expect(lines).to.deep.equal([]);
      expect(diary.entries).to.deep.equal(["destroyed: closed"]);
    });

    it("is answered 400 where it is malformed", async () => {
      const { client } = serve((request) => new Upload(request));
      const connection = client.connect();
      connection.write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
      expect((await connection.expectReply("POST")).status).to.equal(400);
    });

    for (const isAsync of [false, true]) {
      it(`is answered 500 where ${isAsync ? "an asynchronous " : ""}processContent throws`, async () => {
        class Breaks extends Upload {
          override processContent(): void | Promise<void> {
            if (isAsync) return Promise.reject(new Error("oops"));
            throw new Error("oops");
          }
        }
        const { client, lines } = serve((request) => new Breaks(request));
        expect((await client.post("/", { body: "x" })).status).to.equal(500);
        expect(lines.join("\n")).to.contain("oops");
      });
    }

    it("may be of interest only for its end, or not for its end", async () => {
      class Ends extends HttpServlet {
        override processRequest(): void {
          return undefined;
        }

        override processContentEnd(): void {
          this.sendError(418);
        }
      }
      class Counts extends HttpServlet {
        override processRequest(): void {
          return undefined;
        }

        override processContent(piece: Uint8Array): void {
          this.startTimer(() => this.sendError(400 + piece.length), 10);
        }
      }
      const ends = serve((request) => new Ends(request));
      expect((await ends.client.post("/", { body: "abc" })).status).to.equal(418);
      const { client, clock } = serve((request) => new Counts(request));
      const reply = client.post("/", { body: "abc" });
      await clock.advanceAsync(10);
      expect(reply.status).to.equal(403);
    });

    it("that nobody processes is left to the connection", () => {
      const { client } = serve((request) => new Hello(request));
      const connection = client.connect();
      expect(connection.request("POST", "/", { body: "abc" }).done).to.equal(true);
      expect(connection.request("GET", "/").done).to.equal(true);
      connection.close();
    });
  });

  describe("a length that lies", () => {
    it("resets where the content is shorter", () => {
      const { client } = serve(
        (request) =>
          new (servletOf((servlet) => {
            servlet.sendResponse(200);
            servlet.sendHeader("Content-Length", 5);
            servlet.endHeaders();
            servlet.sendContent("abc");
            servlet.endContent();
          }))(request),
      );
      const reply = client.get("/");
      expect(reply.done).to.equal(false);
      expect(reply.failure).not.to.equal(undefined);
    });

    it("cuts where it is longer", () => {
      const { client } = serve(
        (request) =>
          new (servletOf((servlet) => {
            servlet.sendResponse(200);
            servlet.sendHeader("Content-Length", 2);
            servlet.endHeaders();
            servlet.sendContent("abc");
            servlet.endContent();
          }))(request),
      );
      expect(client.get("/").text).to.equal("ab");
    });
  });

  describe("shutdown", () => {
    it("resets at once", () => {
      const diary = new Diary();
      const Shuts = servletOf((servlet) => {
        begin(servlet);
        servlet.sendContent("x");
        servlet.shutdown();
        servlet.shutdown();
      });
      const { client } = serve(noted(Shuts, diary));
      const reply = client.get("/");
      expect(reply.failure).not.to.equal(undefined);
      expect(diary.entries).to.deep.equal(["destroyed: aborted"]);
    });

    it("waits for what is unsent, at most so long", async () => {
      for (const isRead of [true, false]) {
        const { client, clock } = serve(
          (request) =>
            new (servletOf((servlet) => {
              begin(servlet);
              servlet.sendContent("x".repeat(200_000));
              servlet.shutdown(1_000);
            }))(request),
        );
        const reply = client.get("/", { paused: true });
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await clock.advanceAsync(999);
        expect(reply.failure).to.equal(undefined);
        if (isRead) reply.resume();
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await clock.advanceAsync(1);
        reply.resume();
        expect(reply.text.length).to.equal(isRead ? 200_000 : 0);
        expect(reply.done).to.equal(false);
        expect(reply.failure).not.to.equal(undefined);
      }
    });

    it("with a delay and a client that keeps up resets in the same turn", async () => {
      const { client, clock } = serve(
        (request) =>
          new (servletOf((servlet) => {
            begin(servlet);
            servlet.sendContent("x");
            servlet.shutdown(1_000);
          }))(request),
      );
      const reply = client.get("/");
      await clock.advanceAsync(0);
      expect(reply.text).to.equal("x");
      expect(reply.failure).not.to.equal(undefined);
    });
  });

  it("has a resource answer in its place", () => {
    const tree = new Resource().putChild("a", new Data("from a resource", "text/plain"));
    const diary = new Diary();
    const Delegates = servletOf((servlet) => servlet.delegate(tree));
    const { client } = serve(noted(Delegates, diary));
    expect(client.get("/a").text).to.equal("from a resource");
    expect(client.get("/b").status).to.equal(404);
    expect(diary.entries).to.deep.equal(["destroyed: finished", "destroyed: finished"]);
  });

  it("has a resource answer that is found later, and another server object", async () => {
    class Found extends Resource {
      override getChild(): Promise<Resource> {
        return Promise.resolve(new HttpServer((request) => new Hello(request)));
      }
    }
    const diary = new Diary();
    const Delegates = servletOf((servlet) => servlet.delegate(new Found()));
    const { client } = serve(noted(Delegates, diary));
    expect((await client.get("/a")).text).to.equal("Hello World\n");
    expect(diary.entries).to.deep.equal(["destroyed: finished"]);
  });

  it("tells what was asked", () => {
    let told: readonly unknown[] = [];
    const Tells = servletOf((servlet) => {
      told = [
        servlet.requestMethod(),
        servlet.url(),
        servlet.requestPath(),
        servlet.queryString(),
        servlet.protocolVersion(),
        servlet.serverRoot(),
        servlet.serverPath(),
        servlet.servletPath(),
        servlet.clientHost(),
        servlet.remoteUser(),
        servlet.headers().get("x-a"),
        servlet.containsHeader("X-A"),
        servlet.containsHeader("X-B"),
        servlet.header("x-A"),
        servlet.header("x-b"),
        servlet.contentLength(),
        servlet.contentType(),
      ];
      servlet.sendError(404);
    });
    const app = new HttpServer((request) => new Tells(request));
    const { client } = serve(new Resource().putChild("my app", app));
    client.request("POST", "/my%20app/b%20c/d?x=1&y=?", {
      body: "abc",
      headers: { "X-A": "1", "Content-Type": "text/plain; charset=utf-8" },
    });
    expect(told).to.deep.equal([
      "POST",
      "/my%20app/b%20c/d?x=1&y=?",
      "/my app/b c/d",
      "x=1&y=?",
      "HTTP/1.1",
      "/my%20app",
      "/my app",
      "b c/d",
      "127.0.0.1",
      "",
      "1",
      true,
      false,
      "1",
      null,
      3,
      "text/plain; charset=utf-8",
    ]);
    const root = serve((request) => new Tells(request));
    root.client.get("/", { client: { family: "unix", host: "/run/x", port: 0 } });
    expect(told.slice(2, 9)).to.deep.equal(["/", "", "HTTP/1.1", "", "/", "", ""]);
    expect(told.slice(-2)).to.deep.equal([-1, ""]);
  });

  describe("as an agent", () => {
    it("has timers and alarms by name", () => {
      const diary = new Diary();
      const request = new RecordedRequest("/");
      const clock = request.fakeClock;
      const servlet = new HttpServlet(request);
      const now = request.site.wallClock();
      expect(servlet.timerPending("a")).to.equal(false);
      expect(servlet.alarmPending("a")).to.equal(false);
      expect(servlet.cancelTimer("a")).to.equal(false);
      expect(servlet.cancelAlarm("a")).to.equal(false);
      servlet.cancelAllTimers();
      expect(servlet.startTimer((tag) => diary.note(tag), 10)).to.equal("timer-1");
      expect(servlet.startTimer((tag) => diary.note(tag), 10, "b")).to.equal("b");
      servlet.startTimer((tag) => diary.note(`${tag} again`), 20, "b");
      servlet.setAlarm((tag) => diary.note(`${tag} rang`), now + 5_000, "c");
      servlet.setAlarm((tag) => diary.note(`${tag} rang`), now + 5_000, "d");
      expect(servlet.timerPending("b")).to.equal(true);
      expect(servlet.alarmPending("d")).to.equal(true);
      expect(servlet.cancelAlarm("d")).to.equal(true);
      clock.advance(10_000);
      expect(diary.entries).to.deep.equal(["timer-1", "b again", "c rang"]);
      servlet.startTimer((tag) => diary.note(tag), 10, "e");
      servlet.cancelAllTimers();
      servlet.startTimer((tag) => diary.note(tag), 10, "f");
      expect(servlet.cancelTimer("f")).to.equal(true);
      clock.advance(10_000);
      expect(diary.entries).to.have.length(3);
    });

    it("has jobs that may be executed within a callback", () => {
      const diary = new Diary();
      const Executes = servletOf((servlet) => {
        servlet
          .createJob(() => {
            begin(servlet);
            servlet.sendContent("from a job");
            servlet.endContent();
          })
          .execute();
        diary.note("after the job");
      });
      const { client } = serve(noted(Executes, diary));
      expect(client.get("/").text).to.equal("from a job");
      expect(diary.entries).to.deep.equal(["after the job", "destroyed: finished"]);
    });

    it("begins nothing after the end", () => {
      const diary = new Diary();
      let job: Job | undefined;
      const { client, clock } = serve((request) => {
        const servlet = new (servletOf(() => undefined))(request);
        servlet.destroyServlet = () => {
          servlet.startTimer(() => diary.note("timer"), 1);
          servlet.setAlarm(() => diary.note("alarm"), 0);
          job = servlet.createJob(() => diary.note("job"));
          job.schedule();
          job.reset();
          job.schedule();
          servlet.own({ [Symbol.dispose]: () => diary.note("disposed") });
          servlet.monitorCongestion(() => diary.note("congestion"));
        };
        return servlet;
      });
      client.get("/").disconnect();
      clock.advance(10);
      expect(diary.entries).to.deep.equal(["disposed"]);
    });
  });

  describe("with a deadline", () => {
    it("is answered for with 503 when nothing was sent", () => {
      const { client, clock, lines } = serve(withDeadline(servletOf(() => undefined)));
      const reply = client.get("/");
      clock.advance(999);
      expect(reply.status).to.equal(undefined);
      clock.advance(1);
      expect(reply.status).to.equal(503);
      expect(lines.join("\n")).to.contain("did not end within 1000 ms");
    });

    it("is reset when the head is out", () => {
      const { client, clock } = serve(withDeadline(servletOf(begin)));
      const reply = client.get("/");
      clock.advance(1_000);
      expect(reply.status).to.equal(200);
      expect(reply.failure).not.to.equal(undefined);
    });

    it("is left alone when it has ended", () => {
      const { client, clock, lines } = serve(
        withDeadline(
          servletOf((servlet) => {
            begin(servlet);
            servlet.sendContent("x".repeat(200_000));
            servlet.endContent();
          }),
        ),
      );
      const reply = client.get("/", { paused: true });
      clock.advance(1_000);
      expect(lines).to.deep.equal([]);
      reply.resume();
      expect(reply.done).to.equal(true);
    });
  });

  describe("congestion", () => {
    const FULL = "x".repeat(100_000);

    /** A servlet that tells what it is told. */
    function monitored(diary: Diary, monitorFirst: boolean) {
      return servletOf((servlet) => {
        begin(servlet);
        const monitor = (): Disposable =>
          servlet.monitorCongestion((status, pending) => {
            diary.note(`${status === BLOCKED ? "blocked" : "cleared"} ${pending > 0}`);
          });
        if (monitorFirst) monitor();
        servlet.sendContent(FULL);
        servlet.flushContent();
        if (!monitorFirst) monitor();
      });
    }

    for (const first of [true, false]) {
      it(`is told in pairs, monitored ${first ? "before" : "after"} the write`, async () => {
        const diary = new Diary();
        const { client, clock } = serve((request) => new (monitored(diary, first))(request));
        const reply = client.get("/", { paused: true });
        expect(diary.entries).to.deep.equal([]);
        await clock.advanceAsync(0);
        expect(diary.entries).to.deep.equal(["blocked true"]);
        reply.resume();
        await clock.advanceAsync(0);
        expect(diary.entries).to.deep.equal(["blocked true", "cleared false"]);
        reply.disconnect();
      });
    }

    it("is not told of where the client keeps up", async () => {
      const diary = new Diary();
      const { client, clock } = serve((request) => new (monitored(diary, true))(request));
      const reply = client.get("/");
      await clock.advanceAsync(10);
      expect(diary.entries).to.deep.equal([]);
      reply.disconnect();
    });

    it("goes to the last callback, and to nobody when that is disposed of", async () => {
      const diary = new Diary();
      const Twice = servletOf((servlet) => {
        begin(servlet);
        const first = servlet.monitorCongestion(() => diary.note("first"));
        const second = servlet.monitorCongestion(() => diary.note("second"));
        first[Symbol.dispose]();
        if (servlet.queryString() === "dispose") second[Symbol.dispose]();
        servlet.sendContent(FULL);
      });
      const { client, clock } = serve((request) => new Twice(request));
      for (const [path, told] of [
        ["/", ["second"]],
        ["/?dispose", []],
      ] as const) {
        const reply = client.get(path, { paused: true });
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await clock.advanceAsync(0);
        expect(diary.entries.splice(0)).to.deep.equal(told);
        reply.disconnect();
      }
    });

    it("resets where its callback throws", async () => {
      const Breaks = servletOf((servlet) => {
        begin(servlet);
        servlet.monitorCongestion(() => {
          throw new Error("oops");
        });
        servlet.sendContent(FULL);
      });
      const { client, clock, lines } = serve((request) => new Breaks(request));
      const reply = client.get("/", { paused: true });
      await clock.advanceAsync(0);
      reply.resume();
      expect(reply.failure).not.to.equal(undefined);
      expect(lines.join("\n")).to.contain("oops");
    });

    it("can be heard of by an override", async () => {
      const told: CongestionStatus[] = [];
      class Hears extends HttpServlet {
        override processRequest(): void {
          begin(this);
          this.monitorCongestion(() => undefined);
          this.sendContent(FULL);
        }

        override handleCongestion(status: CongestionStatus): void {
          told.push(status);
        }
      }
      const { client, clock } = serve((request) => new Hears(request));
      const reply = client.get("/", { paused: true });
      await clock.advanceAsync(0);
      expect(told).to.deep.equal([BLOCKED]);
      reply.disconnect();
    });
  });

  it("is not run where the client left while it was being made, but destroyed", async () => {
    const diary = new Diary();
    const Runs = servletOf(() => diary.note("run"));
    const make = noted(Runs, diary);
    const { client, clock } = serve(async (request) => {
      await Promise.resolve();
      return make(request);
    });
    client.get("/").disconnect();
    await clock.advanceAsync(0);
    expect(diary.entries).to.deep.equal(["destroyed: closed"]);
  });
});
