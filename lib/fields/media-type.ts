import { lookup } from "mrmime";
import { ProtocolError } from "../http/protocol-error.ts";
import { type Parameters, parseParameters } from "./parameters.ts";

/** What a Content-Type field says. RFC 9110 section 8.3.1. */
export interface MediaType {
  /** `type/subtype` in lower case. */
  readonly essence: string;
  /** Names in lower case, values as sent, unquoted. */
  readonly parameters: Parameters;
}

/**
 * Reads a Content-Type field; undefined where it is not exactly one media type, so that nobody downstream reads it otherwise.
 *
 * No list, no trailing text, no blank but around `;`, no parameter twice. An empty parameter (`text/html;`) is allowed by
 * RFC 9110 section 5.6.6. Never throws.
 */
export function parseMediaType(field: string): MediaType | undefined {
  const semicolon = field.indexOf(";");
  const essence = (semicolon === -1 ? field : field.slice(0, semicolon)).replace(/^ *| *$/g, "");
  if (!ESSENCE.test(essence)) return undefined;
  const parameters = parseParameters(semicolon === -1 ? "" : field.slice(semicolon));
  if (parameters === undefined) return undefined;
  return { essence: essence.toLowerCase(), parameters };
}

const ESSENCE = /^[!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+$/;

/**
 * The media type of a body that must be one of `accepted`, each in lower case; one that begins with `+` stands for all
 * subtypes with that suffix (`+json`). No field, an odd one or another type throws a remote {@link ProtocolError}, 415.
 */
export function expectMediaType(field: string | null, accepted: readonly string[]): MediaType {
  const type = field === null ? undefined : parseMediaType(field);
  if (type !== undefined) {
    const { essence } = type;
    for (const one of accepted) {
      if (one.startsWith("+") ? essence.endsWith(one) : essence === one) return type;
    }
  }
  throw new ProtocolError("remote", `the body must be ${accepted.join(" or ")}`, 415);
}

/** What to call bytes of which nothing is known. */
export const DEFAULT_MEDIA_TYPE = "application/octet-stream";

/**
 * The Content-Type of a file by the extension of its name, ready to be sent: text says that it is UTF-8.
 *
 * `overrides` has extensions in lower case without a dot, and is asked first; its values are sent as they are. What nobody
 * knows is {@link DEFAULT_MEDIA_TYPE}. Deviation from the table of mrmime: `.ts` is TypeScript, not a video.
 */
export function mediaTypeOf(filename: string, overrides?: ReadonlyMap<string, string>): string {
  const extension = filename.slice(filename.lastIndexOf(".") + 1).toLowerCase();
  if (extension.length >= filename.length) return DEFAULT_MEDIA_TYPE;
  return overrides?.get(extension) ?? OWN_TYPES.get(extension) ?? known(extension);
}

const OWN_TYPES: ReadonlyMap<string, string> = new Map(
  ["ts", "mts", "cts", "tsx", "jsx"].map((extension) => [extension, "text/plain; charset=utf-8"]),
);

function known(extension: string): string {
  // Typed as a string, but "constructor" gives a function.
  const type: unknown = lookup(extension);
  if (typeof type !== "string") return DEFAULT_MEDIA_TYPE;
  return type.startsWith("text/") ? `${type}; charset=utf-8` : type;
}
