import type { Exchange, ResponseHead } from "../channel/exchange.ts";
import { preferredCoding } from "../fields/accept.ts";
import { parseEntityTags } from "../fields/etag.ts";
import type { Headers } from "../http/headers.ts";
import { promisedLength } from "../http/response.ts";
import type { Request } from "../web/request.ts";
import { Compressor, type Packing, packingStream, packWhole } from "./compressor.ts";
import { addVary, WrappedExchange } from "./wrapped-exchange.ts";

/** What a wrapper wants to have packed. */
export interface CompressionPlan {
  readonly codings: readonly Packing[];
  /** Bodies that are known to be shorter stay as they are. */
  readonly minBytes: number;
  /** Takes one of the places for bodies that are packed while they are sent, to be given back by the result; undefined where none is free. */
  takePlace(): (() => void) | undefined;
}

/** Up to 32 KiB that are there whole are packed at once, in some tenths of a millisecond: less than a way to another thread and back would take beside other work. */
const AT_ONCE_BYTES = 32 * 1024;

/** Types that gain by being packed; of those that are not listed most are packed already. */
const COMPRESSIBLE =
  /^(?:text\/[^;\s]+|[^;\s]+\+(?:json|xml|text|yaml)|application\/(?:javascript|json|jsonl|rtf|sql|toml|vnd\.ms-fontobject|wasm|x-javascript|x-ndjson|x-sh|xml|yaml)|font\/(?:collection|otf|ttf)|image\/(?:bmp|vnd\.microsoft\.icon|x-icon))\s*(?:;|$)/i;

const NO_TRANSFORM = /(?:^|[\s,])no-transform(?:$|[\s,])/i;

/** Packs the bodies that pass it, where the client takes that and it is of use. RFC 9110 section 8.4. */
export class CompressedExchange extends WrappedExchange {
  readonly #request: Request;
  readonly #plan: CompressionPlan;
  #compressor: Compressor | undefined;
  /** What a promised length still lacks, in bytes; undefined without a promise. */
  #left: number | undefined;

  constructor(inner: Exchange, request: Request, plan: CompressionPlan) {
    super(inner);
    this.#request = request;
    this.#plan = plan;
  }

  override get unsent(): number {
    return this.inner.unsent + (this.#compressor?.bytes ?? 0);
  }

  override respond(head: ResponseHead, body: string | Uint8Array): void {
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    const promised = promisedLength(head.headers);
    if (this.head.method === "HEAD") return this.#respondToHead(head, bytes, promised);
    // A promise that is not kept is for the carrier to see to.
    const isKept = promised < 0 || promised === bytes.length;
    const packing = isKept ? this.#packingOf(head, bytes.length) : undefined;
    if (packing === undefined) return this.inner.respond(head, body);
    if (bytes.length <= AT_ONCE_BYTES) return this.#respondAtOnce(head, bytes, packing);
    if (!this.#begin(head, packing)) return this.inner.respond(head, body);
    this.#compressor?.write(bytes);
    this.finish();
  }

  /** The body may be there, or only its length. */
  #respondToHead(head: ResponseHead, bytes: Uint8Array, promised: number): void {
    const length = promised < 0 ? bytes.length : promised;
    const packing = this.#packingOf(head, length);
    if (packing === undefined) return this.inner.respond(head, bytes);
    if (length === bytes.length && length <= AT_ONCE_BYTES) {
      return this.#respondAtOnce(head, bytes, packing);
    }
    this.inner.start(packedHead(head, packing), "");
    this.inner.finish();
  }

  #respondAtOnce(head: ResponseHead, bytes: Uint8Array, packing: Packing): void {
    const packed = packWhole(bytes, packing);
    if (packed.length < bytes.length) this.inner.respond(packedHead(head, packing), packed);
    else this.inner.respond(head, bytes);
  }

  override start(head: ResponseHead, first: string | Uint8Array): boolean {
    const promised = promisedLength(head.headers);
    const packing = this.#packingOf(head, promised);
    if (packing === undefined) return this.inner.start(head, first);
    if (this.head.method === "HEAD") return this.inner.start(packedHead(head, packing), "");
    if (!this.#begin(head, packing)) return this.inner.start(head, first);
    this.#left = promised < 0 ? undefined : promised;
    return this.write(first);
  }

  override write(data: string | Uint8Array): boolean {
    if (this.#compressor === undefined) return this.inner.write(data);
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    if (this.#left !== undefined) this.#left -= bytes.length;
    return this.#compressor.write(bytes);
  }

  override finish(): void {
    if (this.#compressor === undefined) return this.inner.finish();
    if (this.#left === undefined || this.#left === 0) return this.#compressor.end();
    const { id, method, path, site } = this.#request;
    const by = `${Math.abs(this.#left)} bytes ${this.#left < 0 ? "longer" : "shorter"}`;
    site.log.warn({ id, method, path }, `the body is ${by} than its Content-Length`);
    this.abort();
  }

  override caughtUp(): boolean {
    if (!super.caughtUp()) return false;
    this.#compressor?.resume();
    return this.#compressor?.isFull !== true;
  }

  /** How the body is to be packed; undefined: not at all. Says so in Vary where another client would get it otherwise. `length` is below 0 where it is not known. */
  #packingOf(head: ResponseHead, length: number): Packing | undefined {
    const { status, headers } = head;
    if (headers.has("content-encoding") || NO_TRANSFORM.test(headers.get("cache-control") ?? "")) {
      return undefined;
    }
    if (status !== 304 && !isWorthIt(head, length, this.#plan.minBytes)) return undefined;
    addVary(headers, "Accept-Encoding");
    const asked = this.head.headers;
    const coding = preferredCoding(asked.get("accept-encoding"), this.#plan.codings);
    if (coding === undefined || coding === "identity") return undefined;
    if (status !== 304) return coding;
    if (!hasTag(asked, headers.get("etag"))) weaken(headers);
    return undefined;
  }

  /** Sends the head of a body that is packed while it is sent. False where too many are already. */
  #begin(head: ResponseHead, packing: Packing): boolean {
    const giveBack = this.#plan.takePlace();
    if (giveBack === undefined) return false;
    try {
      this.inner.start(packedHead(head, packing), "");
    } catch (error) {
      giveBack();
      throw error;
    }
    const { inner } = this;
    const compressor = new Compressor(packingStream(packing), {
      write: (bytes) => inner.write(bytes),
      finish: () => inner.finish(),
      caughtUp: () => inner.listener.caughtUp(),
      failed: (error) => this.#fail(error),
    });
    this.#compressor = compressor;
    this.#request.own(() => {
      compressor.close();
      giveBack();
    });
    return true;
  }

  /* c8 ignore next 5 -- zlib fails for want of memory alone */
  #fail(error: Error): void {
    const { id, method, path, site } = this.#request;
    site.log.error({ id, method, path, err: error }, "a body could not be packed");
    this.abort();
  }
}

function isWorthIt({ status, headers }: ResponseHead, length: number, minBytes: number): boolean {
  if (status < 200 || status === 204 || status === 205 || status === 206) return false;
  // A digest is that of the bytes as they are sent (RFC 9530 section 2).
  if (headers.has("content-range") || headers.has("content-digest")) return false;
  if (length >= 0 && length < minBytes) return false;
  return COMPRESSIBLE.test(headers.get("content-type") ?? "");
}

/** The head of the same body packed. Its parts are not to be asked for: they would be those of the other form. */
function packedHead({ status, reason, headers }: ResponseHead, packing: Packing): ResponseHead {
  const packed = headers.copy();
  packed.set("Content-Encoding", packing);
  packed.delete("content-length");
  packed.delete("accept-ranges");
  weaken(packed);
  return { status, reason, headers: packed };
}

/** Bytes that are packed anew each time are not sure to be the same (RFC 9110 section 8.8.1). */
function weaken(headers: Headers): void {
  const etag = headers.get("etag");
  if (etag?.startsWith('"') === true) headers.set("ETag", `W/${etag}`);
}

/** Whether a client that is told that nothing has changed has it under this very tag: then it was not packed. */
function hasTag(asked: Headers, etag: string | null): boolean {
  const tags = parseEntityTags(asked.get("if-none-match") ?? "");
  return tags !== "*" && etag !== null && tags.includes(etag);
}
