import { expect } from "chai";
import { DisconnectedError } from "../../lib/channel/disconnected-error.ts";
import { NOT_DONE_YET } from "../../lib/web/body.ts";
import { FinishedError } from "../../lib/web/finished-error.ts";
import type { Request } from "../../lib/web/request.ts";
import { smallSite, turn } from "../support/small-site.ts";

const held = (): typeof NOT_DONE_YET => NOT_DONE_YET;

function heldRequest(path = "/"): {
  readonly request: Request;
  readonly site: ReturnType<typeof smallSite>;
  readonly reply: ReturnType<ReturnType<typeof smallSite>["client"]["get"]>;
} {
  const site = smallSite(held);
  const reply = site.client.get(path);
  const [request] = site.requests;
  if (request === undefined) throw new Error("nothing was rendered");
  return { request, site, reply };
}

async function failureOf(promise: Promise<unknown> | undefined): Promise<unknown> {
  return promise?.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("web/request", () => {
  describe("write and finish (D3)", () => {
    it("throw after one's own finish, and change nothing", () => {
      const { request, reply } = heldRequest();
      request.write("a");
      request.finish();
      for (const call of [
        () => request.write("b"),
        () => request.finish(),
        () => request.setHeader("X-A", "b"),
        () => request.setResponseCode(404),
        () => request.addCookie("a", "b"),
        () => request.setETag('"a"'),
        () => request.setLastModified(new Date(0)),
      ]) {
        expect(call).to.throw(FinishedError, /already finished/);
      }
      expect([reply.text, reply.done, reply.status]).to.deep.equal(["a", true, 200]);
    });

    it("do nothing after a disconnect, and leave a note for who looks", () => {
      const { request, site, reply } = heldRequest();
      request.write("a");
      reply.reset();
      expect(request.write("b")).to.equal(false);
      request.finish();
      request.finish();
      expect(site.lines.map(({ level, message }) => `${level}: ${message}`)).to.deep.equal([
        "debug: write after the client had left",
        "debug: finish after the client had left",
        "debug: finish after the client had left",
      ]);
      expect(site.lines[0]?.about).to.include({ id: request.id, method: "GET" });
    });

    it("do nothing after a disconnect that came after the finish", () => {
      const { client, requests } = smallSite((request) => {
        request.write("x".repeat(200_000));
        request.finish();
        return NOT_DONE_YET;
      });
      client.get("/", { paused: true }).reset();
      const [request] = requests;
      expect(request?.signal.aborted).to.equal(true);
      expect(() => request?.write("b")).to.throw(FinishedError);
      expect(() => request?.finish()).to.throw(FinishedError);
    });

    it("may set fields after a disconnect, in vain", () => {
      const { request, reply } = heldRequest();
      reply.disconnect();
      request.setHeader("X-A", "b");
      request.setResponseCode(404);
      expect(request.write("b")).to.equal(false);
    });

    it("refuse what is said of a head that is out", () => {
      const { request, reply } = heldRequest();
      request.write("");
      expect(() => request.setHeader("X-A", "b")).to.throw(/head of the response is out/);
      expect(() => request.responseHeaders.set("X-A", "b")).to.not.throw();
      request.finish();
      expect(reply.headers.get("x-a")).to.equal(null);
    });

    it("finish alone answers with nothing", () => {
      const { request, reply } = heldRequest();
      request.finish();
      expect([reply.status, reply.text, reply.headers.get("content-length")]).to.deep.equal([
        200,
        "",
        "0",
      ]);
      expect(reply.headers.get("content-type")).to.equal(null);
    });
  });

  describe("drained", () => {
    it("resolves at once where the client is not slow", async () => {
      const { request, reply } = heldRequest();
      await request.drained();
      expect(request.write("a")).to.equal(true);
      await request.drained();
      reply.disconnect();
      await request.drained();
    });

    it("resolves when a slow client has caught up, for all who wait", async () => {
      const { client, requests } = smallSite(held);
      const reply = client.get("/", { paused: true });
      const [request] = requests;
      expect(request?.write("x".repeat(100_000))).to.equal(false);
      let drained = 0;
      const count = async (): Promise<void> => {
        await request?.drained();
        drained += 1;
      };
      const waits = [count(), count()];
      reply.read(50_000);
      await turn();
      expect(drained).to.equal(0);
      reply.resume();
      await Promise.all(waits);
      expect(drained).to.equal(2);
      reply.disconnect();
    });

    it("resolves when the client is gone, also for who asks then", async () => {
      const { client, requests } = smallSite(held);
      const reply = client.get("/", { paused: true });
      const [request] = requests;
      request?.write("x".repeat(100_000));
      const waiting = request?.drained();
      reply.reset();
      await waiting;
      expect(request?.write("more")).to.equal(false);
      await request?.drained();
    });

    it("resolves when a reset is found out by the write itself", async () => {
      const { client, requests } = smallSite(held);
      const connection = client.connect();
      connection.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n");
      connection.write("x".repeat(3_000_000));
      connection.reset();
      expect(requests[0]?.write("x".repeat(100_000))).to.equal(false);
      await requests[0]?.drained();
      expect(requests[0]?.signal.aborted).to.equal(true);
    });
  });

  describe("output that cannot be trusted (O2)", () => {
    for (const [what, call] of Object.entries<(request: Request) => void>({
      "a line break in a value": (request) => request.setHeader("X-A", "a\r\nX-B: c"),
      "a NUL in a value": (request) => request.setHeader("X-A", "a\0"),
      "a character over U+00FF in a value": (request) => request.setHeader("X-A", "€"),
      "a name that is no token": (request) => request.setHeader("X A", "b"),
      "a line break in a name": (request) => request.setHeader("X\r\nA", "b"),
      "a line break in the reason": (request) => request.setResponseCode(200, "OK\r\nX-A: b"),
      "a status below 200": (request) => request.setResponseCode(101),
      "a status over 599": (request) => request.setResponseCode(600),
      "a status that is no integer": (request) => request.setResponseCode(200.5),
      "a line break in the path of a cookie": (request) =>
        request.addCookie("a", "b", { path: "/\r\nX-A: c" }),
      "a name of a cookie that is no token": (request) => request.addCookie("a b", "c"),
      "an entity tag without quotes": (request) => request.setETag("a") && undefined,
    })) {
      it(`throws at the call: ${what}`, () => {
        const { request, reply } = heldRequest();
        expect(() => call(request)).to.throw();
        request.finish();
        expect(reply.status).to.equal(200);
        expect(reply.headers.get("x-b")).to.equal(null);
      });
    }
  });

  describe("its body (L4)", () => {
    for (const { chunked } of [{ chunked: false }, { chunked: true }]) {
      for (const { size, status } of [
        { size: 99, status: 200 },
        { size: 100, status: 200 },
        { size: 101, status: 413 },
      ]) {
        it(`of ${size} bytes against a limit of 100 is answered ${status}, ${chunked ? "chunked" : "counted"}`, async () => {
          const { client, troubles } = smallSite(
            async (request) => String((await request.bytes()).length),
            { limits: { bodyBytes: 100 } },
          );
          const body = "x".repeat(size);
          const reply = client.post("/", {
            body: chunked ? [body.slice(0, 50), body.slice(50)] : body,
          });
          await turn();
          expect(reply.status).to.equal(status);
          if (status === 200) expect(reply.text).to.equal(String(size));
          expect(troubles()).to.deep.equal([]);
        });
      }
    }

    it("may have another limit at each call, and others for JSON", async () => {
      const { client } = smallSite(async (request) => request.json(), {
        limits: { jsonBytes: 10 },
      });
      const reply = client.post("/", { json: "0123456789" });
      await turn();
      expect(reply.status).to.equal(413);
    });

    it("whose type is malformed is read as UTF-8 where text is asked for", async () => {
      const { client } = smallSite(async (request) => request.text());
      const reply = client.post("/", { body: "é", headers: { "Content-Type": "text/" } });
      await turn();
      expect(reply.text).to.equal("é");
    });

    it("of no length is there at once", async () => {
      const { client } = smallSite(async (request) => `<${await request.text()}>`);
      const reply = client.get("/");
      await turn();
      expect(reply.text).to.equal("<>");
    });

    it("is read in pieces, each the reader's own", async () => {
      const { client } = smallSite(async (request) => {
        const pieces: Uint8Array[] = [];
        for await (const piece of request.body) pieces.push(piece);
        return pieces.map((piece) => Buffer.from(piece).toString()).join("|");
      });
      const reply = client.post("/", { upload: true });
      for (const piece of ["one", "two", "three"]) {
        reply.write(piece);
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await turn();
      }
      reply.end();
      await turn();
      expect(reply.text).to.equal("one|two|three");
    });

    it("is read once: a second reader, and a second wait, are mistakes", async () => {
      const { client } = smallSite(async (request) => {
        const pieces = request.body[Symbol.asyncIterator]();
        const first = pieces.next();
        const failures = [
          await failureOf(pieces.next()),
          await failureOf(request.bytes()),
          await failureOf((async () => request.body[Symbol.asyncIterator]())()),
        ];
        expect(failures.every((failure) => failure instanceof TypeError)).to.equal(true);
        await first;
        await pieces.return?.();
        return "fine";
      });
      const reply = client.post("/", { upload: true });
      await turn();
      await turn();
      reply.write("x");
      reply.end();
      await turn();
      expect(reply.text).to.equal("fine");
    });

    it("is read once also by who is told, while it is read, that it is broken", async () => {
      const failures: Promise<unknown>[] = [];
      const { client } = smallSite((request) => {
        request.onDisconnect(() => {
          failures.push(failureOf(request.bytes()));
        });
        failures.unshift(failureOf(request.bytes()));
        return NOT_DONE_YET;
      });
      const connection = client.connect();
      connection.write("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nno chunk");
      await turn();
      const [first, second] = await Promise.all(failures);
      expect(first).to.be.an.instanceOf(DisconnectedError);
      expect(second).to.be.an.instanceOf(TypeError);
    });

    it("that is asked for after the end is told so", async () => {
      const { client, requests } = smallSite(() => "x");
      client.post("/", { body: "abc" });
      expect(await failureOf(requests[0]?.bytes())).to.be.instanceOf(FinishedError);
      const lost = heldRequest();
      lost.reply.reset();
      expect(await failureOf(lost.request.bytes())).to.be.instanceOf(DisconnectedError);
    });

    it("that waits when the answer is finished is told so", async () => {
      const { client, requests } = smallSite(held);
      client.post("/", { upload: true });
      const [request] = requests;
      const reading = failureOf(request?.bytes());
      request?.finish();
      expect(await reading).to.be.instanceOf(FinishedError);
    });
  });

  describe("what was asked", () => {
    it("is there as it was sent, and decoded", () => {
      const { request, reply } = heldRequest("/a%20b/c?x=1&y=%C3%A9");
      expect(request.uri).to.equal("/a%20b/c?x=1&y=%C3%A9");
      expect(request.path).to.equal("/a%20b/c");
      expect(request.postpath).to.deep.equal(["a b", "c"]);
      expect(request.prepath).to.deep.equal([]);
      expect([request.query.get("x"), request.query.get("y")]).to.deep.equal(["1", "é"]);
      expect([request.version, request.method, request.isSecure]).to.deep.equal([
        "HTTP/1.1",
        "GET",
        false,
      ]);
      expect(request.authority).to.equal("localhost");
      expect(request.client.host).to.equal("127.0.0.1");
      reply.disconnect();
    });

    it("stays readable after the end", () => {
      const { request, reply } = heldRequest("/a?b=c");
      reply.disconnect();
      expect([request.path, request.query.get("b"), request.headers.get("host")]).to.deep.equal([
        "/a",
        "c",
        "localhost",
      ]);
    });

    it("has an id of its own", () => {
      const { client, requests } = smallSite(() => "x");
      client.get("/");
      client.get("/");
      const [one, other] = requests;
      expect(one?.id).to.equal(one?.id);
      expect(one?.id).to.not.equal(other?.id);
    });

    it("with a bad escape in the query is answered 400 when that is read", () => {
      const { client, troubles } = smallSite((request) => request.query.get("a") ?? "");
      expect([client.get("/?a=%zz").status, troubles()]).to.deep.equal([400, []]);
    });
  });
});
