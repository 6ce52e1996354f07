import { charsetOf, decodeText } from "../fields/charset.ts";
import { parseJson } from "../fields/json.ts";
import { expectMediaType, parseMediaType } from "../fields/media-type.ts";
import type { Headers } from "../http/headers.ts";

/** What is read from. */
interface Source {
  readonly headers: Headers;
  bytes(limit: number): Promise<Uint8Array>;
}

/** See `Request.text`. */
export async function readText(request: Source, limit: number): Promise<string> {
  const type = parseMediaType(request.headers.get("content-type") ?? "text/plain");
  const bytes = await request.bytes(limit);
  return decodeText(bytes, type === undefined ? "utf-8" : charsetOf(type));
}

/** See `Request.json`. */
export async function readJson(request: Source, limit: number): Promise<unknown> {
  const bytes = await request.bytes(limit);
  expectMediaType(request.headers.get("content-type"), ["application/json", "+json"]);
  return parseJson(bytes);
}
