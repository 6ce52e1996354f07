import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, constants, Gzip, gunzipSync } from "node:zlib";
import { expect } from "chai";
import {
  COMPRESS_AT_ONCE,
  COMPRESS_MIN_BYTES,
  Compress,
  type CompressOptions,
} from "../../lib/resources/compress.ts";
import { File } from "../../lib/resources/file.ts";
import { exploreDisconnects } from "../../lib/testing/explore-disconnects.ts";
import { TestClient } from "../../lib/testing/test-client.ts";
import type { FinishedReply, TestReply } from "../../lib/testing/test-reply.ts";
import { NOT_DONE_YET, type Rendered } from "../../lib/web/body.ts";
import { logTo } from "../../lib/web/log.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";
import { Site } from "../../lib/web/site.ts";

class Answer extends Resource {
  override isLeaf = true;
  readonly #render: (request: Request) => Rendered;

  constructor(render: (request: Request) => Rendered) {
    super();
    this.#render = render;
  }

  override render(request: Request): Rendered {
    return this.#render(request);
  }
}

type Fields = Readonly<Record<string, string>>;
type Render = (request: Request) => Rendered;

const GZIP: Fields = { "Accept-Encoding": "gzip" };
const BR: Fields = { "Accept-Encoding": "gzip, br" };
const TEXT = "All work and no play makes Jack a dull boy.\n".repeat(50);
const LONG = "All work and no play makes Jack a dull boy.\n".repeat(5_000);

/** Pseudo-random bytes, which nobody packs. */
const NOISE = Buffer.alloc(200_000);
for (let index = 0, seed = 1; index < NOISE.length; index++) {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
  NOISE[index] = seed >>> 16;
}

function clientOf(render: Render, options?: CompressOptions, warnings: string[] = []): TestClient {
  const log = logTo((line) => {
    warnings.push(line);
  });
  return new TestClient(
    new Site(new Compress(new Answer(render), options), { log, wallClock: () => 0 }),
  );
}

/** Sends `body` whole, with `fields`. */
const whole =
  (body: string | Uint8Array, fields: Fields = {}, status = 200): Render =>
  (request) => {
    request.setResponseCode(status);
    request.setHeader("Content-Type", "text/plain");
    for (const [name, value] of Object.entries(fields)) request.setHeader(name, value);
    return body;
  };

/** Sends `body` by two writes, with `fields`. */
const pieces =
  (body: string, fields: Fields = {}): Render =>
  (request) => {
    request.setHeader("Content-Type", "text/plain");
    for (const [name, value] of Object.entries(fields)) request.setHeader(name, value);
    request.write(body.slice(0, 100));
    request.write(body.slice(100));
    request.finish();
    return NOT_DONE_YET;
  };

function unpacked({ headers, bytes }: FinishedReply): string {
  const coding = headers.get("content-encoding");
  if (coding === "gzip") return gunzipSync(bytes).toString();
  if (coding === "br") return brotliDecompressSync(bytes).toString();
  return Buffer.from(bytes).toString();
}

/** What was written so far, of a body that goes on. */
function unpackedSoFar({ headers, bytes }: TestReply): string {
  if (headers.get("content-encoding") === "gzip") {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
  }
  return brotliDecompressSync(bytes, { finishFlush: constants.BROTLI_OPERATION_FLUSH }).toString();
}

/** Waits until the reply has brought so much. */
async function arrived(reply: TestReply, expected: string): Promise<void> {
  while (reply.bytes.length === 0 || unpackedSoFar(reply) !== expected) {
    // oxlint-disable-next-line no-await-in-loop -- the other thread is at work
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What is said of the form of the body. */
const FORM = ["content-encoding", "vary", "etag", "accept-ranges"];
const formOf = ({ headers }: { headers: TestReply["headers"] }): Record<string, string | null> =>
  Object.fromEntries(FORM.map((name) => [name, headers.get(name)]));

const tagged: Render = (request) => {
  request.setHeader("Content-Type", "text/plain");
  request.setHeader("Accept-Ranges", "bytes");
  return request.setETag('"a"') ? "" : TEXT;
};

const fieldsOf = (text: string): string[] =>
  text.slice(0, text.indexOf("\r\n\r\n")).split("\r\n").toSorted();

const untyped: Render = (request) => {
  request.setHeader("Content-Length", "5000");
  return "";
};

/** As long as a thread packs for somebody, says so among what the process is at: Node does not, and the exploration would think that all is over. */
function showThreads(): () => void {
  const plain = process.getActiveResourcesInfo.bind(process);
  // oxlint-disable-next-line no-underscore-dangle, unbound-method -- Node's name; called with its stream
  const transform = Gzip.prototype._transform;
  let atWork = 0;
  process.getActiveResourcesInfo = () => [
    ...plain(),
    ...Array.from({ length: atWork }, () => "ZlibReq"),
  ];
  // oxlint-disable-next-line no-underscore-dangle -- Node's name
  Gzip.prototype._transform = function count(piece, encoding, done) {
    atWork += 1;
    transform.call(this, piece, encoding, (error, data) => {
      atWork -= 1;
      done(error, data);
    });
  };
  return () => {
    process.getActiveResourcesInfo = plain;
    Reflect.deleteProperty(Gzip.prototype, "_transform");
  };
}

describe("resources/compress", () => {
  describe("a whole body", () => {
    for (const [fields, coding] of [
      [GZIP, "gzip"],
      [BR, "br"],
      [{ "Accept-Encoding": "br;q=0.5, gzip" }, "gzip"],
      [{ "Accept-Encoding": "*" }, "br"],
      [{}, null],
      [{ "Accept-Encoding": "deflate, zstd" }, null],
      [{ "Accept-Encoding": "gzip;q=0" }, null],
      [{ "Accept-Encoding": "identity;q=0, deflate" }, null],
    ] as const) {
      it(`is sent by ${coding} to a client that says ${JSON.stringify(fields)}, within the call`, () => {
        const reply = clientOf(whole(TEXT)).get("/", { headers: fields });
        expect([reply.status, reply.done]).to.deep.equal([200, true]);
        expect(reply.headers.get("content-encoding")).to.equal(coding);
        expect(reply.headers.get("vary")).to.equal("Accept-Encoding");
        expect(reply.headers.get("content-length")).to.equal(String(reply.bytes.length));
        expect(reply.bytes.length < TEXT.length).to.equal(coding !== null);
        expect(unpacked(reply as unknown as FinishedReply)).to.equal(TEXT);
      });
    }

    it("is packed by the codings that are allowed", () => {
      const client = clientOf(whole(TEXT), { codings: ["gzip"] });
      expect(client.get("/", { headers: BR }).headers.get("content-encoding")).to.equal("gzip");
    });

    for (const length of [32 * 1_024 - 1, 32 * 1_024, 32 * 1_024 + 1]) {
      it(`of ${length} bytes is packed ${length > 32 * 1_024 ? "meanwhile" : "at once"}`, async () => {
        const reply = clientOf(whole("x".repeat(length))).get("/", { headers: GZIP });
        expect(reply.done).to.equal(length <= 32 * 1_024);
        const finished = await reply;
        expect(finished.headers.has("content-length")).to.equal(length <= 32 * 1_024);
        expect(unpacked(finished)).to.equal("x".repeat(length));
      });
    }

    it("of bytes, and long, comes whole", async () => {
      for (const headers of [GZIP, BR]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const reply = await clientOf(whole(Buffer.from(LONG))).get("/", { headers });
        expect(reply.headers.has("content-length")).to.equal(false);
        expect(unpacked(reply)).to.equal(LONG);
      }
    });

    it("that grows by packing is sent as it is", () => {
      const reply = clientOf(whole(NOISE.subarray(0, 2_000))).get("/", { headers: GZIP });
      expect(reply.headers.get("content-encoding")).to.equal(null);
      expect(reply.bytes.length).to.equal(2_000);
    });

    for (const length of [COMPRESS_MIN_BYTES - 1, COMPRESS_MIN_BYTES, COMPRESS_MIN_BYTES + 1]) {
      it(`of ${length} bytes is ${length < COMPRESS_MIN_BYTES ? "left alone" : "packed"}`, () => {
        const packed = length >= COMPRESS_MIN_BYTES;
        const { headers } = clientOf(whole("x".repeat(length))).get("/", { headers: GZIP });
        expect(headers.get("content-encoding")).to.equal(packed ? "gzip" : null);
        expect(headers.get("vary")).to.equal(packed ? "Accept-Encoding" : null);
      });
    }

    it("is packed from the length on that it is told", () => {
      const client = clientOf(whole("x".repeat(100)), { minBytes: 100 });
      expect(client.get("/", { headers: GZIP }).headers.get("content-encoding")).to.equal("gzip");
    });
  });

  describe("leaves alone", () => {
    const CASES: readonly (readonly [title: string, fields: Fields, status?: number])[] = [
      ["what is packed already", { "Content-Encoding": "br" }],
      ["what is not to be changed", { "Cache-Control": "public, No-Transform" }],
      ["a part", { "Content-Range": "bytes 0-9/10" }, 206],
      ["parts", { "Content-Type": "text/plain" }, 206],
      ["what has a digest", { "Content-Digest": "sha-256=:x:" }],
      ["a picture", { "Content-Type": "image/png" }],
      ["bytes of which nothing is known", { "Content-Type": "application/octet-stream" }],
      ["an archive", { "Content-Type": "application/zip" }],
    ];

    for (const [title, fields, status = 200] of CASES) {
      it(title, () => {
        const reply = clientOf(whole(TEXT, { ETag: '"a"', ...fields }, status)).get("/", {
          headers: GZIP,
        });
        expect(reply.status).to.equal(status);
        expect(reply.text).to.equal(TEXT);
        expect(formOf(reply)).to.deep.equal({
          "content-encoding": fields["Content-Encoding"] ?? null,
          vary: null,
          etag: '"a"',
          "accept-ranges": null,
        });
      });
    }

    for (const status of [204, 205]) {
      it(`a ${status}`, () => {
        const reply = clientOf(whole("", {}, status)).get("/", { headers: GZIP });
        expect([reply.status, reply.headers.get("vary"), reply.bytes.length]).to.deep.equal([
          status,
          null,
          0,
        ]);
      });
    }

    it("what it is told to skip", () => {
      const client = clientOf(whole(TEXT), { skip: (request) => request.path === "/secret" });
      expect(client.get("/secret", { headers: GZIP }).text).to.equal(TEXT);
      expect(client.get("/", { headers: GZIP }).headers.get("content-encoding")).to.equal("gzip");
    });

    it("what an inner one has packed", () => {
      const inner = new Compress(new Answer(whole(TEXT)));
      const reply = new TestClient(new Compress(inner)).get("/", { headers: GZIP });
      expect(unpacked(reply as unknown as FinishedReply)).to.equal(TEXT);
      expect(reply.headers.get("vary")).to.equal("Accept-Encoding");
    });
  });

  describe("types", () => {
    for (const [type, gains] of [
      ["text/html; charset=utf-8", true],
      ["TEXT/css", true],
      ["application/json", true],
      ["application/problem+json", true],
      ["image/svg+xml;charset=utf-8", true],
      ["application/javascript", true],
      ["application/wasm", true],
      ["font/ttf", true],
      ["font/woff2", false],
      ["video/mp4", false],
      ["application/jsonish", false],
      ["x-text/html", false],
    ] as const) {
      it(`${type} is ${gains ? "" : "not "}packed`, () => {
        const reply = clientOf(whole(TEXT, { "Content-Type": type })).get("/", { headers: GZIP });
        expect(reply.headers.has("content-encoding")).to.equal(gains);
      });
    }
  });

  describe("validators", () => {
    it("of a packed body are weak, and its parts are not offered", () => {
      expect(formOf(clientOf(tagged).get("/", { headers: GZIP }))).to.deep.equal({
        "content-encoding": "gzip",
        vary: "Accept-Encoding",
        etag: 'W/"a"',
        "accept-ranges": null,
      });
      expect(formOf(clientOf(tagged).get("/"))).to.deep.equal({
        "content-encoding": null,
        vary: "Accept-Encoding",
        etag: '"a"',
        "accept-ranges": "bytes",
      });
    });

    for (const [has, headers, etag] of [
      ['W/"a"', GZIP, 'W/"a"'],
      ['"a"', GZIP, '"a"'],
      ['"b", W/"a"', BR, 'W/"a"'],
      ["*", GZIP, 'W/"a"'],
      ['"a"', {}, '"a"'],
    ] as const) {
      it(`of a 304 to ${has} are those of the form that the client has: ${etag}`, () => {
        const reply = clientOf(tagged).get("/", { headers: { ...headers, "If-None-Match": has } });
        expect([reply.status, reply.bytes.length]).to.deep.equal([304, 0]);
        expect(reply.headers.get("etag")).to.equal(etag);
        expect(reply.headers.get("vary")).to.equal("Accept-Encoding");
        expect(reply.headers.has("content-encoding")).to.equal(false);
      });
    }

    it("stay away where there are none", () => {
      const reply = clientOf(whole("", {}, 304)).get("/", { headers: GZIP });
      expect([reply.status, reply.headers.get("etag")]).to.deep.equal([304, null]);
    });

    it("that are weak stay so", () => {
      const reply = clientOf(whole(TEXT, { ETag: 'W/"a"' })).get("/", { headers: GZIP });
      expect(reply.headers.get("etag")).to.equal('W/"a"');
    });
  });

  it("adds to Vary", () => {
    const { headers } = clientOf(whole(TEXT, { Vary: "Accept" })).get("/", { headers: GZIP });
    expect(headers.get("vary")).to.equal("Accept, Accept-Encoding");
  });

  describe("HEAD", () => {
    /** What stands on the wire. */
    function wire(render: Render, method: string): string {
      const connection = clientOf(render).connect();
      connection.write(`${method} / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n`);
      return connection.text;
    }
    const CASES: readonly (readonly [title: string, render: Render, left?: string])[] = [
      ["a short body", whole(TEXT)],
      ["a long body", whole(LONG), "Transfer-Encoding: chunked"],
      ["a body in pieces", pieces(TEXT), "Transfer-Encoding: chunked"],
      ["a small body", whole("small")],
    ];

    for (const [title, render, left] of CASES) {
      it(`gets the fields of GET for ${title}, and nothing behind them`, () => {
        const head = wire(render, "HEAD");
        expect(fieldsOf(head)).to.deep.equal(
          fieldsOf(wire(render, "GET")).filter((line) => line !== left),
        );
        expect(head.endsWith("\r\n\r\n")).to.equal(true);
        expect(head.indexOf("\r\n\r\n")).to.equal(head.length - 4);
      });
    }

    it("gets what there is where nothing is known", () => {
      expect(wire(() => "", "HEAD")).not.to.include("Vary");
      expect(wire(whole(LONG, { "Content-Length": "5000" }), "HEAD")).to.include("Vary");
      expect(wire(untyped, "HEAD")).to.include("Content-Length: 5000").and.not.include("Vary");
    });

    it("gets no length of another form where only that is known", () => {
      const head = wire(whole("", { "Content-Length": "5000" }), "HEAD");
      expect(head).to.include("Content-Encoding: gzip").and.not.include("Content-Length");
      expect(wire(whole("", { "Content-Length": "5" }), "HEAD")).to.include(
        "Content-Length: 5\r\n",
      );
    });

    it("leaves the connection in order, as does a 304", async () => {
      const connection = clientOf((request) =>
        request.path === "/304" ? whole("", {}, 304)(request) : pieces(TEXT)(request),
      ).connect();
      const fields = "Host: a\r\nAccept-Encoding: gzip\r\n\r\n";
      connection.write(
        `HEAD / HTTP/1.1\r\n${fields}GET /304 HTTP/1.1\r\n${fields}HEAD / HTTP/1.1\r\n${fields}`,
      );
      await Promise.resolve();
      expect(connection.text.match(/HTTP\/1\.1 \d+/g)).to.deep.equal([
        "HTTP/1.1 200",
        "HTTP/1.1 304",
        "HTTP/1.1 200",
      ]);
      expect(connection.text).not.to.match(/\r\n\r\n(?!HTTP|$)/);
    });
  });

  describe("a body in pieces", () => {
    for (const headers of [GZIP, BR]) {
      it(`comes whole, by ${headers["Accept-Encoding"]}`, async () => {
        const reply = await clientOf(pieces(LONG)).get("/", { headers });
        expect(reply.headers.get("vary")).to.equal("Accept-Encoding");
        expect(unpacked(reply)).to.equal(LONG);
      });

      it(`is flushed at each write, by ${headers["Accept-Encoding"]}`, async () => {
        let held: Request | undefined;
        const reply = clientOf((request) => {
          held = request;
          request.setHeader("Content-Type", "text/event-stream");
          request.write("data: 1\n\n");
          return NOT_DONE_YET;
        }).get("/", { headers });
        expect(reply.status).to.equal(200);
        await arrived(reply, "data: 1\n\n");
        held?.write("");
        held?.write("data: 2\n\n");
        await arrived(reply, "data: 1\n\ndata: 2\n\n");
        held?.finish();
        expect(unpacked(await reply)).to.equal("data: 1\n\ndata: 2\n\n");
      });
    }

    it("may be empty", async () => {
      const reply = await clientOf(pieces("")).get("/", { headers: GZIP });
      expect(unpacked(reply)).to.equal("");
    });

    it("reaches a client of HTTP/1.0", async () => {
      const connection = clientOf(pieces(TEXT)).connect();
      connection.write("GET / HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n");
      while (connection.text.length < 200) {
        // oxlint-disable-next-line no-await-in-loop -- the other thread is at work
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(connection.text).to.include("Content-Encoding: gzip").and.not.include("chunked");
    });

    it("counts as not sent before it is packed", async () => {
      const unsent: number[] = [];
      const reply = clientOf((request) => {
        request.setHeader("Content-Type", "text/plain");
        request.write("begun");
        unsent.push(request.unsent);
        request.finish();
        return NOT_DONE_YET;
      }).get("/", { headers: GZIP });
      await reply;
      expect(unsent[0]).to.be.at.least(5);
    });

    it("of a file, which uses its buffers again, comes whole", async () => {
      const folder = await mkdtemp(join(tmpdir(), "weftline-compress-"));
      const text = Array.from({ length: 200_000 }, (_, index) => `line ${index}\n`).join("");
      try {
        await writeFile(join(folder, "long.txt"), text);
        const client = new TestClient(new Compress(new File(folder)));
        for (const headers of [GZIP, BR]) {
          // oxlint-disable-next-line no-await-in-loop -- one after the other
          const reply = await client.get("/long.txt", { headers });
          expect(reply.headers.has("content-encoding")).to.equal(true);
          expect(unpacked(reply) === text).to.equal(true);
        }
        const part = await client.get("/long.txt", { headers: { ...GZIP, Range: "bytes=0-3" } });
        expect([part.status, part.text, part.headers.has("content-encoding")]).to.deep.equal([
          206,
          "line",
          false,
        ]);
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    it("may promise its length, and is held to it", async () => {
      const kept = await clientOf(pieces(TEXT, { "Content-Length": String(TEXT.length) })).get(
        "/",
        { headers: GZIP },
      );
      expect(unpacked(kept)).to.equal(TEXT);
      expect(kept.headers.has("content-length")).to.equal(false);
      for (const [more, words] of [
        [-1, "1 bytes longer"],
        [1, "1 bytes shorter"],
      ] as const) {
        const warnings: string[] = [];
        const promise = { "Content-Length": String(TEXT.length + more) };
        const reply = clientOf(pieces(TEXT, promise), {}, warnings).get("/", { headers: GZIP });
        expect(reply.failure?.message).to.be.a("string");
        expect(warnings.join("\n")).to.include(words);
      }
    });

    it("is left to the carrier where it is whole and promised wrongly", () => {
      const reply = clientOf(whole(TEXT, { "Content-Length": "5" })).get("/", { headers: GZIP });
      expect(reply.text).to.equal("All w");
    });

    it("is left alone where its length is known to be small", async () => {
      const reply = await clientOf(pieces("small", { "Content-Length": "5" })).get("/", {
        headers: GZIP,
      });
      expect([reply.text, reply.headers.get("vary")]).to.deep.equal(["small", null]);
    });

    it("has its place back when its head is refused", async () => {
      let attempts = 0;
      const client = clientOf(
        (request) => {
          attempts += 1;
          if (attempts === 1) request.setHeader("Transfer-Encoding", "chunked");
          return pieces(TEXT)(request);
        },
        { atOnce: 1 },
      );
      expect((await client.get("/", { headers: GZIP })).status).to.equal(500);
      const second = await client.get("/", { headers: GZIP });
      expect(second.headers.get("content-encoding")).to.equal("gzip");
    });
  });

  describe("a slow client", () => {
    for (const [title, wrap] of [
      ["by one", (root: Resource) => new Compress(root)],
      ["by the outer of two", (root: Resource) => new Compress(new Compress(root, { atOnce: 0 }))],
    ] as const) {
      it(`has who writes wait, and gets everything, ${title}`, async () => {
        const long = Buffer.concat(Array.from({ length: 8 }, () => NOISE));
        let waits = 0;
        let held: Request | undefined;
        const send = async (request: Request): Promise<string> => {
          for (let count = 0; count < 3; count++) {
            if (request.write(long)) continue;
            waits += 1;
            // oxlint-disable-next-line no-await-in-loop -- that is the point
            await request.drained();
          }
          return "";
        };
        const answer = new Answer((request) => {
          held = request;
          request.setHeader("Content-Type", "text/plain");
          return send(request);
        });
        const reply = new TestClient(wrap(answer)).get("/", { headers: GZIP, paused: true });
        // It waits for a client that reads nothing, with much that is not packed yet, and not only for the thread.
        for (let sent = -1; sent < Number(held?.bytesSent) || sent === 0; ) {
          sent = Number(held?.bytesSent);
          // oxlint-disable-next-line no-await-in-loop -- the other thread is at work
          for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
        }
        reply.resume();
        const { bytes } = await reply;
        expect(waits).to.equal(3);
        expect(gunzipSync(bytes).equals(Buffer.concat([long, long, long]))).to.equal(true);
      });
    }

    it("is not packed for while it takes nothing", async () => {
      let written = 0;
      let sending: Promise<string> | undefined;
      const reply = clientOf((request) => {
        request.setHeader("Content-Type", "text/plain");
        const send = async (): Promise<string> => {
          for (; written < 100; written++) {
            // oxlint-disable-next-line no-await-in-loop -- that is the point
            if (!request.write(NOISE)) await request.drained();
          }
          return "";
        };
        sending = send();
        return sending;
      }).get("/", { headers: GZIP });
      reply.pause();
      let before = -1;
      let quiet = 0;
      while (quiet < 200) {
        quiet = written === before ? quiet + 1 : 0;
        before = written;
        // oxlint-disable-next-line no-await-in-loop -- the other thread is at work
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(written).to.be.lessThan(20);
      reply.disconnect();
      // Who waited for the client is told, and writes into the void.
      await sending;
      expect(written).to.equal(100);
    });
  });

  it(`packs ${COMPRESS_AT_ONCE} bodies at a time, and sends one more as it is`, async () => {
    const held: Request[] = [];
    const client = clientOf((request) => {
      held.push(request);
      request.setHeader("Content-Type", "text/plain");
      request.write("begun");
      return NOT_DONE_YET;
    });
    const replies = Array.from({ length: COMPRESS_AT_ONCE + 1 }, () =>
      client.get("/", { headers: GZIP }),
    );
    const codings = replies.map(({ headers }) => headers.get("content-encoding"));
    expect(codings).to.deep.equal([...Array(COMPRESS_AT_ONCE).fill("gzip"), null]);
    expect(replies.at(-1)?.headers.get("vary")).to.equal("Accept-Encoding");
    expect(replies.at(-1)?.text).to.equal("begun");
    replies[0]?.disconnect();
    expect(client.get("/", { headers: GZIP }).headers.get("content-encoding")).to.equal("gzip");
    expect(client.get("/", { headers: GZIP }).headers.has("content-encoding")).to.equal(false);
    held[1]?.finish();
    await replies[1];
    const last = client.get("/", { headers: GZIP });
    expect(last.headers.get("content-encoding")).to.equal("gzip");
    for (const request of held) if (request.phase === "started") request.finish();
    await Promise.all([...replies.slice(1), last]);
  });

  it("sends a long whole body as it is where all places are taken", () => {
    const reply = clientOf(whole(LONG), { atOnce: 0 }).get("/", { headers: GZIP });
    expect([reply.headers.get("content-encoding"), reply.text]).to.deep.equal([null, LONG]);
  });

  it("breaks off what fails in the middle", () => {
    const reply = clientOf((request) => {
      request.setHeader("Content-Type", "text/plain");
      request.write("begun");
      throw new Error("broken");
    }).get("/", { headers: GZIP });
    expect(reply.failure?.message).to.be.a("string");
  });

  it("packs pages of errors that are long", async () => {
    const site = new Site(new Compress(new Resource()), { errorPage: () => TEXT });
    const reply = await new TestClient(site).get("/nowhere", { headers: GZIP });
    expect([reply.status, unpacked(reply)]).to.deep.equal([404, TEXT]);
  });

  describe("when the client leaves", function suite() {
    this.timeout(30_000);
    let hideThreads: () => void;

    before(() => {
      hideThreads = showThreads();
    });

    after(() => {
      hideThreads();
    });

    for (const [title, render] of [
      ["a body in pieces", pieces(LONG)],
      ["a long body", whole(LONG)],
      ["a short body", whole(TEXT)],
    ] as const) {
      it(`leaves nothing of ${title}`, async () => {
        const report = await exploreDisconnects({
          site: () => new Compress(new Answer(render)),
          drive: (client) => client.get("/", { headers: GZIP }),
        });
        report.assertClean();
      });
    }
  });
});
