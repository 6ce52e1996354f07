import { randomBytes } from "node:crypto";
import { type ByteRange, coalesce, contentRange, ranges } from "../fields/ranges.ts";
import type { BodyPart } from "./file-transfer.ts";

/** What is sent in answer to a Range field: RFC 9110 sections 14.2 and 15.3.7. */
export interface PartialContent {
  readonly parts: readonly BodyPart[];
  /** Bytes in all. */
  readonly length: number;
  /** The fields that differ from those of the whole. */
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * What a Range field asks for of `size` bytes of `type`; undefined where it is to be ignored, "unsatisfiable" where it is to be answered 416.
 *
 * Parts that overlap or touch are sent as one. A Range over nothing at all is ignored: some clients ask for `0-` without knowing.
 */
export function partialContent(
  field: string,
  size: number,
  type: string,
): PartialContent | "unsatisfiable" | undefined {
  const asked = size === 0 ? undefined : ranges(field, size);
  if (asked === undefined) return undefined;
  const wanted = coalesce(asked);
  const [first] = wanted;
  if (first === undefined) return "unsatisfiable";
  if (wanted.length > 1) return multipart(wanted, size, type);
  const fields = { "Content-Range": contentRange(first, size) };
  return { parts: [first], length: first.end - first.start, fields };
}

/** RFC 9110 section 14.6. */
function multipart(wanted: readonly ByteRange[], size: number, type: string): PartialContent {
  const boundary = randomBytes(15).toString("base64url");
  const parts: BodyPart[] = [];
  let length = 0;
  const add = (text: string): void => {
    const bytes = Buffer.from(text, "latin1");
    parts.push(bytes);
    length += bytes.length;
  };
  for (const range of wanted) {
    const fields = `Content-Type: ${type}\r\nContent-Range: ${contentRange(range, size)}\r\n\r\n`;
    add(`\r\n--${boundary}\r\n${fields}`);
    parts.push(range);
    length += range.end - range.start;
  }
  add(`\r\n--${boundary}--\r\n`);
  return {
    parts,
    length,
    fields: { "Content-Type": `multipart/byteranges; boundary=${boundary}` },
  };
}
