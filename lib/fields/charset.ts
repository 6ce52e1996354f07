import { isUtf8 } from "node:buffer";
import { ProtocolError } from "../http/protocol-error.ts";
import type { MediaType } from "./media-type.ts";

/** The ways in which the text of a body may be written. ASCII is part of both. */
export type Charset = "utf-8" | "latin1";

const LABELS: ReadonlyMap<string, Charset> = new Map([
  ["utf-8", "utf-8"],
  ["utf8", "utf-8"],
  ["us-ascii", "utf-8"],
  ["ascii", "utf-8"],
  ["iso-8859-1", "latin1"],
  ["latin1", "latin1"],
]);

/** The charset of a body: UTF-8 unless its type says otherwise. One that is not supported throws a remote {@link ProtocolError}, 415. */
export function charsetOf(type: MediaType): Charset {
  const label = type.parameters.get("charset");
  const charset = label === undefined ? "utf-8" : LABELS.get(label.toLowerCase());
  if (charset === undefined) {
    throw new ProtocolError("remote", "the charset of the body must be UTF-8", 415);
  }
  return charset;
}

/** Bytes as text; a byte order mark is left out. Bytes that are not UTF-8 where that is meant throw a remote {@link ProtocolError}, 400. */
export function decodeText(bytes: Uint8Array, charset: Charset = "utf-8"): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (charset === "latin1") return buffer.toString("latin1");
  // Faster than a TextDecoder that is fatal.
  if (!isUtf8(buffer)) throw new ProtocolError("remote", "the body is not UTF-8", 400);
  return buffer.toString("utf8", hasByteOrderMark(buffer) ? 3 : 0);
}

function hasByteOrderMark(buffer: Buffer): boolean {
  return buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf;
}
