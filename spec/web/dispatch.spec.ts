import { expect } from "chai";
import { DisconnectedError } from "../../lib/channel/disconnected-error.ts";
import { Deferred } from "../../lib/defer/deferred.ts";
import { CancelledError } from "../../lib/defer/errors.ts";
import { ProtocolError } from "../../lib/http/protocol-error.ts";
import { TestClient } from "../../lib/testing/test-client.ts";
import { NOT_DONE_YET } from "../../lib/web/body.ts";
import { HttpError } from "../../lib/web/http-error.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";
import { leaf, smallSite, turn } from "../support/small-site.ts";

const boom = (): never => {
  throw new Error("boom");
};

async function* pieces(...parts: readonly unknown[]): AsyncGenerator {
  for (const part of parts) {
    await Promise.resolve();
    if (part instanceof Error) throw part;
    yield part;
  }
}

/** Every mistake that a handler can make before anything is sent (issue: "no handler mistake crashes the process or hangs a client"). */
const MISTAKES: Readonly<Record<string, (request: Request) => unknown>> = {
  "throws at once": boom,
  "throws what is no Error": () => {
    // oxlint-disable-next-line typescript/only-throw-error -- programs do
    throw "a text";
  },
  "throws undefined": () => {
    // oxlint-disable-next-line typescript/only-throw-error -- programs do
    throw undefined;
  },
  "is async and rejects": () => Promise.reject(new Error("boom")),
  "is async and rejects with a CancelledError, while the client is there": () =>
    Promise.reject(new CancelledError()),
  "is async and rejects with another's DisconnectedError": () =>
    Promise.reject(new DisconnectedError("closed")),
  "gives a Deferred that fails": () => Deferred.fail(new Error("boom")),
  "returns nothing": () => undefined,
  "returns null": () => null,
  "returns a number": () => 42,
  "returns an object": () => ({ a: 1 }),
  "returns an array": () => ["a"],
  "returns a promise of nothing": () => Promise.resolve(undefined),
  "returns a promise of an object": () => Promise.resolve({}),
  "yields what is no piece": () => pieces(42),
  "yields undefined": () => pieces(undefined),
  "throws before its first piece": () => pieces(new Error("boom")),
  "throws in a delayed call": (request) => {
    request.callLater(0, boom);
    return NOT_DONE_YET;
  },
  "rejects in a delayed call": (request) => {
    request.callLater(0, () => Promise.reject(new Error("boom")) as never);
    return NOT_DONE_YET;
  },
  "throws an HttpError with a field that cannot be sent": () => {
    throw new HttpError(403, "", { headers: { "X-A": "a\r\nb" } });
  },
  "sets a field that is the carrier's": (request) => {
    request.setHeader("Transfer-Encoding", "chunked");
    return "x";
  },
  "promises a length that is none": (request) => {
    request.setHeader("Content-Length", "many");
    return "x";
  },
  "sets a field with a line break": (request) => {
    request.setHeader("X-A", "a\r\nSet-Cookie: b=c");
    return "x";
  },
  "sets a status that is none": (request) => {
    request.setResponseCode(99);
    return "x";
  },
  "writes what is no piece": (request) => {
    request.write(42 as unknown as string);
    return NOT_DONE_YET;
  },
};

/** Every mistake after the head went out. */
const LATE_MISTAKES: Readonly<Record<string, (request: Request) => unknown>> = {
  throws: (request) => {
    request.write("so far");
    return boom();
  },
  rejects: async (request) => {
    request.write("so far");
    await Promise.resolve();
    boom();
  },
  "throws an HttpError": (request) => {
    request.write("so far");
    throw new HttpError(404);
  },
  "returns nothing": (request) => {
    request.write("so far");
  },
  "throws in a delayed call": (request) => {
    request.write("so far");
    request.callLater(0, boom);
    return NOT_DONE_YET;
  },
  "yields a piece and throws": () => pieces("so far", new Error("boom")),
  "yields a piece and then what is none": () => pieces("so far", 42),
  "writes what is no piece": (request) => {
    request.write("so far");
    request.write({} as unknown as string);
    return NOT_DONE_YET;
  },
  "sets a field": (request) => {
    request.write("so far");
    request.setHeader("X-A", "b");
    return "";
  },
  "sets the status": (request) => {
    request.write("so far");
    request.setResponseCode(404);
    return "";
  },
};

describe("web/dispatch", () => {
  describe("a handler that makes a mistake before anything is sent is answered 500 (D2, D8)", () => {
    for (const [what, render] of Object.entries(MISTAKES)) {
      it(what, async () => {
        const { client, clock, records, troubles } = smallSite(render);
        const reply = client.get("/secret");
        await clock.advanceAsync(1);
        await turn();
        expect(reply.status).to.equal(500);
        expect(reply.done).to.equal(true);
        expect(reply.text)
          .to.not.include("boom")
          .and.to.not.include("secret")
          .and.to.not.include("at ");
        expect(reply.headers.get("set-cookie")).to.equal(null);
        expect(records.map(({ outcome, status }) => [outcome, status])).to.deep.equal([
          ["error", 500],
        ]);
        expect(troubles().length).to.be.greaterThan(0);
        expect(client.get("/again").path).to.equal("/again");
      });
    }
  });

  describe("a handler that makes a mistake after the head is reset, never ended cleanly (D2)", () => {
    for (const [what, render] of Object.entries(LATE_MISTAKES)) {
      it(what, async () => {
        const { client, clock, records, requests, troubles } = smallSite(render);
        const connection = client.connect();
        connection.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await clock.advanceAsync(1);
        await turn();
        // What was written in the call that threw has not left yet.
        expect(connection.text).to.match(/^(?:HTTP\/1\.1 200 [^]*so far\r\n)?$/);
        expect(connection.failure).to.include({ code: "ECONNRESET" });
        expect(records.map(({ outcome }) => outcome)).to.deep.equal(["error"]);
        expect(requests[0]?.signal.reason).to.include({ reason: "aborted" });
        expect(troubles()).to.have.length(1);
      });
    }
  });

  it("gives the id of the request beside the trace, and shows the client neither", () => {
    const { client, lines, requests } = smallSite(boom);
    const reply = client.get("/x?token=1");
    expect(lines).to.have.length(1);
    expect(lines[0]?.about).to.include({ id: requests[0]?.id, method: "GET", path: "/x" });
    expect(lines[0]?.about["err"]).to.be.instanceOf(Error);
    expect(reply.text).to.not.include(requests[0]?.id);
  });

  describe("an HttpError", () => {
    it("is answered as it says, with the message escaped, and logged nowhere", () => {
      const { client, troubles, records } = smallSite(() => {
        throw new HttpError(403, "only <owners> & friends", { headers: { "Retry-After": "9" } });
      });
      const reply = client.get("/");
      expect([reply.status, reply.headers.get("retry-after")]).to.deep.equal([403, "9"]);
      expect(reply.text).to.include("only &lt;owners&gt; &amp; friends");
      expect(troubles()).to.deep.equal([]);
      expect(records[0]).to.include({ status: 403, outcome: "finished" });
    });

    it("throws away what was said of the answer that will not be", () => {
      const { client } = smallSite((request) => {
        request.setResponseCode(201, "Made");
        request.setHeader("X-A", "b");
        request.addCookie("a", "b");
        throw new HttpError(404);
      });
      const reply = client.get("/");
      expect([reply.status, reply.reason]).to.deep.equal([404, "Not Found"]);
      expect([reply.headers.get("x-a"), reply.headers.get("set-cookie")]).to.deep.equal([
        null,
        null,
      ]);
    });

    it("is answered from a promise and from a delayed call too", async () => {
      for (const render of [
        () => Promise.reject(new HttpError(410)),
        (request: Request) => {
          request.callLater(0, () => {
            throw new HttpError(410);
          });
          return NOT_DONE_YET;
        },
      ]) {
        const { client, clock, troubles } = smallSite(render);
        const reply = client.get("/");
        await clock.advanceAsync(0);
        expect([reply.status, troubles()]).to.deep.equal([410, []]);
      }
    });
  });

  it("has a page for a status that nobody has registered", () => {
    const reply = smallSite(() => {
      throw new HttpError(499);
    }).client.get("/");
    expect([reply.status, reply.text.includes("<h1>499 </h1>")]).to.deep.equal([499, true]);
  });

  it("lets a resource answer HEAD by itself", () => {
    class Page extends Resource {
      override render_GET(): string {
        return "got";
      }
      override render_HEAD(request: Request): string {
        request.setHeader("X-Head", "1");
        return "";
      }
    }
    expect(new TestClient(new Page()).head("/").headers.get("x-head")).to.equal("1");
  });

  it("answers a breach of the protocol that is the client's as it says, and one of ours as a mistake", () => {
    expect(
      smallSite(() => {
        throw new ProtocolError("remote", "no", 422);
      }).client.get("/").status,
    ).to.equal(422);
    expect(
      smallSite(() => {
        throw new ProtocolError("local", "no");
      }).client.get("/").status,
    ).to.equal(500);
  });

  it("does not take a rejection because of the disconnect for an error", async () => {
    for (const reason of [new DisconnectedError("closed"), new CancelledError()]) {
      const waiting = new Deferred<string>();
      const { client, troubles, records } = smallSite(() => Promise.resolve(waiting));
      const reply = client.get("/");
      reply.disconnect();
      waiting.errback(reason);
      await turn();
      expect(troubles()).to.deep.equal([]);
      expect(records[0]).to.include({ outcome: "aborted", status: 499 });
    }
  });

  it("logs any other rejection after the disconnect", async () => {
    const waiting = new Deferred<string>();
    const { client, troubles } = smallSite(() => Promise.resolve(waiting));
    client.get("/").disconnect();
    waiting.errback(new Error("boom"));
    await turn();
    expect(troubles()).to.deep.equal(["an error after the request was over"]);
  });

  it("drops an answer that comes after the disconnect", async () => {
    const waiting = new Deferred<string>();
    const { client, troubles } = smallSite(() => Promise.resolve(waiting));
    client.get("/").disconnect();
    waiting.callback("late");
    await turn();
    expect(troubles()).to.deep.equal([]);
  });

  it("logs an error after the answer, and changes nothing", async () => {
    const { client, troubles, records } = smallSite(async (request) => {
      request.write("done");
      request.finish();
      await Promise.resolve();
      return boom();
    });
    const reply = client.get("/");
    await turn();
    expect([reply.text, reply.done]).to.deep.equal(["done", true]);
    expect(troubles()).to.deep.equal(["an error after the request was over"]);
    expect(records).to.have.length(1);
  });

  it("takes undefined where the request was finished by hand", () => {
    const { client, troubles } = smallSite((request) => {
      request.write("by hand");
      request.finish();
    });
    expect(client.get("/").text).to.equal("by hand");
    expect(troubles()).to.deep.equal([]);
  });

  it("ends with a body that is returned what was written before", () => {
    const { client } = smallSite((request) => {
      request.write("one ");
      return "two";
    });
    expect(client.get("/").text).to.equal("one two");
  });

  it("refuses a body that is returned after the finish", () => {
    const { client, troubles } = smallSite((request) => {
      request.finish();
      return "late";
    });
    expect(client.get("/").text).to.equal("");
    expect(troubles()).to.deep.equal(["an error after the request was over"]);
  });

  describe("a body in pieces", () => {
    it("is sent as it comes", async () => {
      const { client, troubles } = smallSite(() => pieces("a", Buffer.from("b"), "", "é"));
      const reply = client.get("/");
      await turn();
      expect([reply.text, reply.done, reply.headers.get("content-length")]).to.deep.equal([
        "abé",
        true,
        null,
      ]);
      expect(troubles()).to.deep.equal([]);
    });

    it("may be a web stream", async () => {
      const { client } = smallSite(() => new Response("from a stream").body);
      const reply = client.get("/");
      await turn();
      await turn();
      expect(reply.text).to.equal("from a stream");
    });

    it("is pulled no faster than the client reads (B1)", async () => {
      let pulled = 0;
      const { client } = smallSite(async function* endless() {
        for (; pulled < 1_000; pulled += 1) yield "x".repeat(1_000);
      });
      const reply = client.get("/", { paused: true });
      await turn();
      expect(pulled).to.be.within(60, 70);
      await turn();
      expect(pulled).to.be.within(60, 70);
      reply.read(10_000_000);
      await turn();
      await turn();
      expect([pulled, reply.done]).to.deep.equal([1_000, true]);
    });

    it("is ended where it waits when the client leaves", async () => {
      const ends: string[] = [];
      const { client, troubles } = smallSite(async function* endless() {
        try {
          for (;;) yield "x".repeat(10_000);
        } finally {
          ends.push("finally");
        }
      });
      const reply = client.get("/", { paused: true });
      await turn();
      reply.reset();
      await turn();
      expect([ends, troubles()]).to.deep.equal([["finally"], []]);
    });

    it("is not pulled for ever after the client left, though it cannot be ended", async () => {
      let pulled = 0;
      const body = {
        [Symbol.asyncIterator]: () => ({
          next: () => {
            pulled += 1;
            return Promise.resolve({ done: false, value: "x".repeat(10_000) });
          },
        }),
      };
      const { client } = smallSite(() => body);
      const reply = client.get("/", { paused: true });
      await turn();
      reply.reset();
      await turn();
      const before = pulled;
      await turn();
      expect(pulled).to.equal(before);
    });

    it("is ended where a piece could not be sent", async () => {
      for (const [render, late] of [
        [(): unknown => 42, false],
        [(request: Request): unknown => (request.finish(), "late"), true],
      ] as const) {
        const ends: string[] = [];
        const { client, troubles } = smallSite(async function* one(request: Request) {
          try {
            yield render(request);
          } finally {
            ends.push("finally");
          }
        });
        const reply = client.get("/");
        await turn();
        expect([ends, reply.status, troubles().length]).to.deep.equal([
          ["finally"],
          late ? 200 : 500,
          1,
        ]);
      }
    });

    it("that fails while it is ended is logged, a disconnect is not", async () => {
      for (const [error, logged] of [
        [new Error("boom"), 1],
        [new DisconnectedError("closed"), 0],
      ] as const) {
        const { client, troubles } = smallSite(async function* failing() {
          try {
            for (;;) yield "x".repeat(100_000);
          } finally {
            // oxlint-disable-next-line no-unsafe-finally -- that is the mistake
            throw error;
          }
        });
        const reply = client.get("/", { paused: true });
        await turn();
        reply.reset();
        await turn();
        expect(troubles()).to.have.length(logged);
      }
    });

    it("of a client that has left already is not begun", async () => {
      let begun = 0;
      const waiting = new Deferred<unknown>();
      const { client } = smallSite(() => Promise.resolve(waiting));
      client.get("/").disconnect();
      waiting.callback({
        [Symbol.asyncIterator]: () => ({
          next: () => {
            begun += 1;
            return Promise.resolve({ done: true, value: undefined });
          },
        }),
      });
      await turn();
      expect(begun).to.equal(0);
    });
  });

  describe("the tree", () => {
    const tree = new Resource()
      .putChild(
        "static",
        leaf(() => "static"),
      )
      .putChild(
        "",
        leaf(() => "index"),
      )
      .putChild(
        "deep",
        new Resource().putChild(
          "er",
          leaf((request) => request.postpath.join("|")),
        ),
      );

    class Dynamic extends Resource {
      override getChild(name: string): Resource | Promise<Resource> {
        if (name === "throws") return boom();
        if (name === "rejects") return Promise.reject(new HttpError(451));
        if (name === "nothing") return undefined as unknown as Resource;
        const child = leaf(
          (request) => `${name}:${request.prepath.join("|")}:${request.postpath.join("|")}`,
        );
        return name.startsWith("later") ? Promise.resolve(child) : child;
      }
    }
    tree.putChild("user", new Dynamic());
    class Page extends Resource {
      override render_GET(): string {
        return "page";
      }
    }
    tree.putChild(
      "page",
      new Page().putChild(
        "child",
        leaf(() => "child"),
      ),
    );

    for (const [path, status, text] of [
      ["/", 200, "index"],
      ["/static", 200, "static"],
      ["/static/", 200, "static"],
      ["/deep/er/a%2Fb/c", 200, "a/b|c"],
      ["/deep", 405, ""],
      ["/deep/none", 404, ""],
      ["/none", 404, ""],
      ["/user/anna", 200, "anna:user|anna:"],
      ["/user/later-anna/x", 200, "later-anna:user|later-anna:x"],
      ["/user/throws", 500, ""],
      ["/user/rejects", 451, ""],
      ["/user/nothing", 500, ""],
      ["/page", 200, "page"],
      ["/page/", 200, "page"],
      ["/page/child", 200, "child"],
      ["/page/none", 404, ""],
      ["/%zz", 400, ""],
      ["/%ff", 400, ""],
      ["/static/%zz", 400, ""],
    ] as const) {
      it(`${path} is answered ${status}`, async () => {
        const { client } = smallSite(() => "", {
          log: { debug() {}, info() {}, warn() {}, error() {} },
        });
        const over = new TestClient(tree, { clock: client.clock });
        const reply = over.get("/");
        expect(reply.text).to.equal("index");
        const connection = over.connect();
        connection.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
        const found = connection.expectReply();
        await turn();
        expect(found.status).to.equal(status);
        if (text !== "") expect(found.text).to.equal(text);
        connection.close();
      });
    }

    it("finds the child for a client that left meanwhile, and does not render it", async () => {
      let rendered = 0;
      const found = new Deferred<Resource>();
      class Slow extends Resource {
        override getChild(): Promise<Resource> {
          return Promise.resolve(found);
        }
      }
      const client = new TestClient(new Slow());
      client.get("/x").disconnect();
      found.callback(leaf(() => String((rendered += 1))));
      await turn();
      expect(rendered).to.equal(0);
    });
  });

  describe("methods (P7)", () => {
    class Some extends Resource {
      override render_GET(): string {
        return "got";
      }
      override render_POST(): string {
        return "posted";
      }
      render_PROPFIND(): string {
        return "found";
      }
    }
    const client = new TestClient(
      new Some().putChild(
        "leaf",
        leaf((request) => request.method),
      ),
    );

    for (const [method, status, text] of [
      ["GET", 200, "got"],
      ["HEAD", 200, ""],
      ["POST", 200, "posted"],
      ["PROPFIND", 200, "found"],
      ["PUT", 405, undefined],
      ["get", 405, undefined],
      ["TRACE", 405, undefined],
      ["constructor", 405, undefined],
      ["__proto__", 405, undefined],
      ["OPTIONS", 204, ""],
    ] as const) {
      it(`${method} is answered ${status}`, () => {
        const reply = client.request(method, "/");
        expect(reply.status).to.equal(status);
        if (text !== undefined) expect(reply.text).to.equal(text);
        if (status !== 200)
          expect(reply.headers.get("allow")).to.equal("GET, HEAD, OPTIONS, POST, PROPFIND");
      });
    }

    it("OPTIONS * is answered, CONNECT is not", () => {
      const connection = client.connect();
      connection.write("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
      expect(connection.text).to.match(/^HTTP\/1\.1 204 /);
      connection.write("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n");
      expect(connection.text).to.match(/HTTP\/1\.1 405 /);
      connection.close();
    });
  });
});
