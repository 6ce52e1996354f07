import type { Rendered } from "../web/body.ts";
import type { Request } from "../web/request.ts";
import { Resource } from "../web/resource.ts";
import { CompressedExchange, type CompressionPlan } from "./compressed-exchange.ts";
import type { Packing } from "./compressor.ts";
import { renderBelow } from "./render-below.ts";

/** What to pack, and how. */
export interface CompressOptions {
  /** How to pack; of what a client likes alike the first. `["br", "gzip"]`. */
  readonly codings?: readonly Packing[];
  /** Bodies that are known to be shorter, in bytes, stay as they are. {@link COMPRESS_MIN_BYTES}. */
  readonly minBytes?: number;
  /** How many bodies are packed at the same time while they are sent; one more is sent as it is. {@link COMPRESS_AT_ONCE}. */
  readonly atOnce?: number;
  /**
   * Whether the answer to a request stays as it is. Asked before it is rendered.
   *
   * A page that shows both a secret (a token) and what somebody else can have put there tells the secret by its length when it is packed (BREACH).
   */
  readonly skip?: (request: Request) => boolean;
}

/** 1 KiB. Less travels in one packet either way. For comparison: Express 1,000 bytes, Hono 1 KiB, nginx 20 bytes. */
export const COMPRESS_MIN_BYTES = 1_024;

/** 16 bodies, each with about 256 KiB (gzip) to 1 MiB (br) of memory. The pool has four threads. */
export const COMPRESS_AT_ONCE = 16;

/**
 * Around any resource: packs the bodies of what is answered below it, by brotli or gzip, for clients that take that. Twisted's `EncodingResourceWrapper` with `GzipEncoderFactory`.
 *
 * What is written is sent on at each `write`, so that streams and events stay prompt; `write` returns false and `drained` waits as without it. A body of at most 32 KiB that is rendered whole is packed
 * within the call and has a Content-Length; a longer one, and what is written piece by piece, is packed by another thread and has none.
 *
 * Left alone: what has a Content-Encoding already, `Cache-Control: no-transform`, ranges, small bodies, and types that do not gain by it. HEAD gets the fields of GET as far as they are known.
 * A strong ETag becomes weak, since the bytes are others; Vary names Accept-Encoding wherever another client might get other bytes. When the client leaves, packing stops.
 */
export class Compress extends Resource {
  override isLeaf = true;
  readonly #wrapped: Resource;
  readonly #skip: ((request: Request) => boolean) | undefined;
  readonly #plan: CompressionPlan;
  #packing = 0;

  constructor(wrapped: Resource, options: CompressOptions = {}) {
    super();
    const { codings = ["br", "gzip"], minBytes = COMPRESS_MIN_BYTES } = options;
    const { atOnce = COMPRESS_AT_ONCE, skip } = options;
    this.#wrapped = wrapped;
    this.#skip = skip;
    this.#plan = { codings, minBytes, takePlace: () => this.#takePlace(atOnce) };
  }

  override render(request: Request): Rendered {
    if (this.#skip?.(request) !== true) {
      request.wrapExchange((exchange) => new CompressedExchange(exchange, request, this.#plan));
    }
    return renderBelow(this.#wrapped, request);
  }

  #takePlace(atOnce: number): (() => void) | undefined {
    if (this.#packing >= atOnce) return undefined;
    this.#packing += 1;
    return () => {
      this.#packing -= 1;
    };
  }
}
