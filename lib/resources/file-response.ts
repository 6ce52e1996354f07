// Which part of a file a GET or HEAD gets, if any, and how it is sent.
import { evaluate, rangeApplies } from "../fields/conditional.ts";
import { contentRange } from "../fields/ranges.ts";
import type { Body, NotDoneYet } from "../web/body.ts";
import { HttpError } from "../web/http-error.ts";
import type { Request } from "../web/request.ts";
import { type PartialContent, partialContent } from "./byte-ranges.ts";
import { sendFile } from "./file-transfer.ts";
import { closeFile } from "./open-file.ts";
import type { ServedFile } from "./served-file.ts";

/** What the fields of a request come to: the whole, nothing since the client has it, or parts. */
export type Wanted = "whole" | "nothing new" | PartialContent;

/**
 * Weighs the conditions of a request in the order of RFC 9110 section 13.2.2, and then its Range. Throws the
 * {@link HttpError} that is the answer otherwise: 412, or 416.
 */
export function wantedOf(file: ServedFile, request: Request): Wanted {
  const { headers, method } = request;
  const evaluation = evaluate(method, headers, file);
  if (evaluation === "precondition failed") throw new HttpError(412);
  if (evaluation === "not modified") return "nothing new";
  const range = headers.get("range");
  if (range === null || !rangeApplies(method, headers, file)) return "whole";
  const partial = partialContent(range, file.size, file.facts.type);
  if (partial !== "unsatisfiable") return partial ?? "whole";
  const fields = { "Content-Range": contentRange(undefined, file.size) };
  throw new HttpError(416, "", { headers: fields });
}

/** Answers a client that has the file already. */
export function answerUnchanged(file: ServedFile, request: Request): Body {
  request.setResponseCode(304);
  request.setHeaders(file.unchangedHeaders);
  return "";
}

/** Answers with bytes that are at hand: `content` is all of the file. */
export function answerFromMemory(
  file: ServedFile,
  content: Uint8Array,
  wanted: Exclude<Wanted, "nothing new">,
  request: Request,
): Body {
  request.setHeaders(file.headers);
  if (wanted === "whole") return content;
  setPartial(request, wanted);
  return Buffer.concat(
    wanted.parts.map((part) =>
      part instanceof Uint8Array ? part : content.subarray(part.start, part.end),
    ),
  );
}

/** Answers a HEAD without a look at the file. */
export function answerHead(file: ServedFile, request: Request): Body {
  request.setHeaders(file.headers);
  request.setHeader("Content-Length", String(file.size));
  return "";
}

/** Answers from an open file, which is closed in any case. */
export function answerFromDisk(
  file: ServedFile,
  descriptor: number,
  wanted: Exclude<Wanted, "nothing new">,
  request: Request,
): NotDoneYet {
  try {
    const whole = { parts: [{ start: 0, end: file.size }], length: file.size };
    const { parts, length } = wanted === "whole" ? whole : wanted;
    request.setHeaders(file.headers);
    if (wanted !== "whole") setPartial(request, wanted);
    request.setHeader("Content-Length", String(length));
    return sendFile(request, descriptor, length === 0 ? [] : parts);
  } catch (error) {
    closeFile(descriptor);
    throw error;
  }
}

function setPartial(request: Request, { fields }: PartialContent): void {
  request.setResponseCode(206);
  for (const [name, value] of Object.entries(fields)) request.setHeader(name, value);
}
