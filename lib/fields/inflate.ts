// Request bodies that come packed. Whoever unpacks them counts what comes out, not what comes in.
import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { ProtocolError } from "../http/protocol-error.ts";

/** How a request body may be packed. `deflate` is that of RFC 1950, as RFC 9110 section 8.4.1.2 wants. */
export type RequestCoding = "gzip" | "deflate" | "br";

const DECODERS: Readonly<Record<RequestCoding, () => Transform>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** What may come out. */
export interface InflateLimits {
  /** Bytes in all. */
  readonly bytes: number;
  /** Bytes that may come out of one that went in, once more than {@link RATIO_FREE_BYTES} have come. */
  readonly ratio: number;
}

/** 16 MiB as for any body read whole; text shrinks ten times, hardly ever a hundred. */
export const DEFAULT_INFLATE_LIMITS: InflateLimits = Object.freeze({
  bytes: 16 * 1_048_576,
  ratio: 100,
});

/** So much may come of any body, however small. */
export const RATIO_FREE_BYTES = 1_048_576;

/**
 * How a body is packed, by its Content-Encoding; undefined where it is not.
 *
 * One that is not known, and more than one, throw a remote {@link ProtocolError}, 415: layers only serve to hide a bomb.
 */
export function requestCoding(contentEncoding: string | null): RequestCoding | undefined {
  const name = (contentEncoding ?? "identity").trim().toLowerCase();
  switch (name) {
    case "identity":
      return undefined;
    case "x-gzip":
      return "gzip";
    case "gzip":
    case "deflate":
    case "br":
      return name;
    default:
      throw new ProtocolError(
        "remote",
        "the body must be packed by gzip, deflate, br or not at all",
        415,
      );
  }
}

/**
 * The bytes of a packed body, pulled no faster than they are taken. Stopping it stops the body.
 *
 * What is not packed so, or breaks off, throws a remote {@link ProtocolError}, 400; more than `limits` allow one with 413. What the
 * body itself throws is passed on.
 */
export async function* inflate(
  body: AsyncIterable<Uint8Array>,
  coding: RequestCoding,
  limits: InflateLimits = DEFAULT_INFLATE_LIMITS,
): AsyncGenerator<Uint8Array, void, undefined> {
  const count = { taken: 0 };
  const decoder = DECODERS[coding]();
  const feeding = pipeline(Readable.from(counted(body, count)), decoder);
  // It fails as the decoder does, which is where that is seen.
  feeding.catch(() => undefined);
  let given = 0;
  try {
    for await (const piece of decoder as AsyncIterable<Buffer>) {
      given += piece.length;
      check(given, count.taken, limits);
      yield piece;
    }
  } catch (error) {
    throw isZlibError(error)
      ? new ProtocolError("remote", `the body is not packed by ${coding}`, 400, { cause: error })
      : error;
  }
}

async function* counted(
  body: AsyncIterable<Uint8Array>,
  count: { taken: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of body) {
    count.taken += piece.length;
    yield piece;
  }
}

function check(given: number, taken: number, { bytes, ratio }: InflateLimits): void {
  if (given > bytes) {
    throw new ProtocolError("remote", `the body is over ${bytes} B when it is unpacked`, 413);
  }
  if (given > RATIO_FREE_BYTES && given > taken * ratio) {
    throw new ProtocolError(
      "remote",
      `the body is over ${ratio} times as large when it is unpacked`,
      413,
    );
  }
}

/** Codes of zlib begin with `Z_`, those of Brotli with `ERR__`. */
function isZlibError(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^(?:Z_|ERR__)/.test(String(error.code));
}
