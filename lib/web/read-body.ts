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
export function readText(request: Source, limit: number): Promise<string> {
  const type = parseMediaType(request.headers.get("content-type") ?? "text/plain");
  return request
    .bytes(limit)
    .then((bytes) => decodeText(bytes, type === undefined ? "utf-8" : charsetOf(type)));
}

/** See `Request.json`. */
export function readJson<T>(request: Source, limit: number): Promise<T> {
  return request.bytes(limit).then((bytes) => {
    expectMediaType(request.headers.get("content-type"), ["application/json", "+json"]);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller says what it expects; a schema would check
    return parseJson(bytes) as T;
  });
}
