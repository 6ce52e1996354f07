import { createHash } from "node:crypto";
import { evaluate } from "../fields/conditional.ts";
import { entityTag } from "../fields/etag.ts";
import { Headers } from "../http/headers.ts";
import type { Body } from "../web/body.ts";
import { HttpError } from "../web/http-error.ts";
import type { Request } from "../web/request.ts";
import { Resource } from "../web/resource.ts";

/** Text up to this length stays text: it leaves in one piece with the head. */
const SHORT = 2_048;

// oxlint-disable-next-line no-control-regex -- all of ASCII
const ASCII = /^[\u0000-\u007f]*$/;

/**
 * The same content for everybody who asks: text (sent as UTF-8) or bytes, which are copied. Twisted's `Data`.
 *
 * It has an entity tag, by its content, and answers a client whose copy is current with 304. Children may be put below it.
 */
export class Data extends Resource {
  readonly #body: string | Uint8Array;
  readonly #etag: string;
  readonly #headers: Headers;

  /** `type` is sent as it is: `text/plain; charset=utf-8`. One that no field may have throws a TypeError. */
  constructor(content: string | Uint8Array, type: string) {
    super();
    const short = typeof content === "string" && content.length <= SHORT && ASCII.test(content);
    this.#body = short ? content : Buffer.from(content);
    this.#etag = entityTag(
      createHash("sha256").update(this.#body).digest("base64url").slice(0, 22),
    );
    this.#headers = new Headers({ "Content-Type": type, ETag: this.#etag });
  }

  override render_GET(request: Request): Body {
    request.setHeaders(this.#headers);
    const evaluation = evaluate(request.method, request.headers, { etag: this.#etag });
    if (evaluation === "proceed") return this.#body;
    if (evaluation === "precondition failed") throw new HttpError(412);
    request.setResponseCode(304);
    request.responseHeaders.delete("content-type");
    return "";
  }
}
