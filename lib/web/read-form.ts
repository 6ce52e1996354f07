import { charsetOf, decodeText } from "../fields/charset.ts";
import { type Form, parseUrlencoded } from "../fields/form.ts";
import { expectMediaType, type MediaType } from "../fields/media-type.ts";
import {
  boundaryOf,
  DEFAULT_MULTIPART_LIMITS,
  maxMultipartBytes,
  parseMultipart,
} from "../fields/multipart.ts";
import type { Headers } from "../http/headers.ts";
import { ProtocolError } from "../http/protocol-error.ts";
import { HttpError } from "./http-error.ts";

/** What is read from. */
interface Source {
  readonly headers: Headers;
  readonly body: AsyncIterable<Uint8Array>;
  readonly site: { readonly log: { error(about: object, message: string): void } };
  bytes(limit: number): Promise<Uint8Array>;
  own(giveBack: () => void): () => void;
}

const URLENCODED = "application/x-www-form-urlencoded";
const MULTIPART = "multipart/form-data";

/** See `Request.form`. `limit` is for the fields, in bytes. */
export async function readForm(request: Source, limit: number): Promise<Form> {
  const type = expectMediaType(request.headers.get("content-type"), [URLENCODED, MULTIPART]);
  if (type.essence === MULTIPART) return readMultipart(request, type, limit);
  const charset = charsetOf(type);
  return parseUrlencoded(decodeText(await request.bytes(limit), charset));
}

/** Files are given back when the request ends, however it does. */
async function readMultipart(request: Source, type: MediaType, limit: number): Promise<Form> {
  const boundary = boundaryOf(type);
  const limits = { ...DEFAULT_MULTIPART_LIMITS, fieldsBytes: limit };
  const most = maxMultipartBytes(limits);
  if (Number(request.headers.get("content-length")) > most) {
    throw new HttpError(413, `The form may have at most ${most} bytes.`);
  }
  const form = await parseMultipart(request.body, boundary, { limits }).catch((error: unknown) => {
    throw explained(request, error);
  });
  request.own(() => {
    void form.dispose();
  });
  return form;
}

/** A full disk is not the client's fault, but for them to know: they may come again. */
function explained({ site }: Source, error: unknown): unknown {
  if (!(error instanceof ProtocolError) || error.status !== 507) return error;
  site.log.error({ err: error }, error.message);
  return new HttpError(507, "", { cause: error });
}
