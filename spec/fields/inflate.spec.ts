import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { expect } from "chai";
import {
  DEFAULT_INFLATE_LIMITS,
  type InflateLimits,
  inflate,
  RATIO_FREE_BYTES,
  type RequestCoding,
  requestCoding,
} from "../../lib/fields/inflate.ts";
import { ProtocolError } from "../../lib/http/protocol-error.ts";

const PACK: Readonly<Record<RequestCoding, (bytes: Uint8Array) => Buffer>> = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
};

async function* pieces(bytes: Uint8Array, size = bytes.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpacked(
  body: AsyncIterable<Uint8Array>,
  coding: RequestCoding,
  limits?: InflateLimits,
): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of inflate(body, coding, limits)) all.push(piece);
  return Buffer.concat(all);
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** Bytes that cannot be packed. */
function noise(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0, state = 1; at < size; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}

/** What becomes of that many zeros where they may not come from less than their part. */
function grow(size: number, ratio: number): Promise<unknown> {
  const limits = { bytes: Infinity, ratio };
  return failure(unpacked(pieces(gzipSync(Buffer.alloc(size))), "gzip", limits));
}

describe("fields/inflate", () => {
  for (const [field, coding] of [
    [null, undefined],
    ["", null],
    ["identity", undefined],
    ["gzip", "gzip"],
    [" GZip ", "gzip"],
    ["x-gzip", "gzip"],
    ["deflate", "deflate"],
    ["br", "br"],
    ["zstd", null],
    ["gzip, gzip", null],
    [Array(42).fill("gzip").join(", "), null],
    ["__proto__", null],
  ] as const) {
    it(`takes Content-Encoding: ${field} for ${coding === null ? "415" : coding}`, () => {
      if (coding === null) {
        expect(() => requestCoding(field))
          .to.throw(ProtocolError)
          .that.includes({ status: 415 });
      } else {
        expect(requestCoding(field)).to.equal(coding);
      }
    });
  }

  for (const coding of ["gzip", "deflate", "br"] as const) {
    const text = Buffer.from("weftline ".repeat(500));

    it(`unpacks ${coding}, whole and byte by byte`, async () => {
      const packed = PACK[coding](text);
      expect((await unpacked(pieces(packed), coding)).equals(text)).to.be.true;
      expect((await unpacked(pieces(packed, 1), coding)).equals(text)).to.be.true;
      expect((await unpacked(pieces(PACK[coding](Buffer.alloc(0))), coding)).length).to.equal(0);
    });

    it(`refuses what is not ${coding}, or breaks off, with 400`, async () => {
      for (const body of [
        Buffer.from("nonsense that is long"),
        PACK[coding](text).subarray(0, -1),
        Buffer.alloc(0),
      ]) {
        const error = await failure(unpacked(pieces(body), coding));
        expect(error)
          .to.be.instanceOf(ProtocolError)
          .that.includes({ blame: "remote", status: 400 });
      }
    });

    it(`stops a bomb in ${coding} with 413 long before it is unpacked`, async () => {
      let given = 0;
      const bomb = PACK[coding](Buffer.alloc(64 * 1_048_576));
      try {
        for await (const piece of inflate(pieces(bomb, 512), coding)) given += piece.length;
        expect.fail();
      } catch (error) {
        expect(error).to.be.instanceOf(ProtocolError).that.includes({ status: 413 });
      }
      expect(given).to.be.below(2 * RATIO_FREE_BYTES);
    }).timeout(5_000);
  }

  it("gives as many bytes as allowed, and no more", async () => {
    const limits = { ...DEFAULT_INFLATE_LIMITS, bytes: 1_000 };
    for (const [size, status] of [
      [999, undefined],
      [1_000, undefined],
      [1_001, 413],
    ] as const) {
      const error = await failure(unpacked(pieces(gzipSync(noise(size))), "gzip", limits));
      expect(error instanceof ProtocolError ? error.status : error, String(size)).to.equal(status);
    }
  });

  it("lets a small body grow as it likes up to a bound, and then by the ratio", async () => {
    expect(await grow(RATIO_FREE_BYTES, 10)).to.be.undefined;
    expect(await grow(RATIO_FREE_BYTES + 1, 10)).to.include({ status: 413 });
    expect(await grow(RATIO_FREE_BYTES + 1, 10_000)).to.be.undefined;
  });

  it("passes on what the body throws", async () => {
    const gone = Object.assign(new Error("the client left"), { code: "ECONNRESET" });
    const body = (async function* () {
      yield gzipSync("abc").subarray(0, 12);
      throw gone;
    })();
    expect(await failure(unpacked(body, "gzip"))).to.equal(gone);
  });

  it("stops the body when nobody wants more", async () => {
    let stopped = false;
    const packed = gzipSync(noise(200_000));
    const body = (async function* () {
      try {
        yield* pieces(packed, 10_000);
      } finally {
        stopped = true;
      }
    })();
    for await (const piece of inflate(body, "gzip")) if (piece.length > 0) break;
    await new Promise(setImmediate);
    expect(stopped).to.be.true;
  });
});
