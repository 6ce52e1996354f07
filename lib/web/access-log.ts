import { formatLogDate } from "../fields/date.ts";

/** How a request ended. */
export type Outcome =
  /** The answer was handed over whole. */
  | "finished"
  /** The client left, or was cut off, before that. */
  | "aborted"
  /** The program failed: answered 500, or broken off. */
  | "error";

/** What is known of a request that is over. */
export interface AccessRecord {
  /** Names the request in other logs; empty for one that was refused before it was understood. */
  readonly id: string;
  /** When it came, in ms since 1970. */
  readonly time: number;
  /** The address of the client. */
  readonly client: string;
  /** The user, where a guard let one in. */
  readonly user: string;
  /** Empty where the request was not understood, and so the next two. */
  readonly method: string;
  readonly uri: string;
  readonly version: string;
  /** What was answered; 499 where the client left before there was an answer (nginx's). */
  readonly status: number;
  /** Bytes of the body that were sent. */
  readonly bytes: number;
  /** From the head to the end, in ms. */
  readonly durationMs: number;
  readonly outcome: Outcome;
  readonly referer: string;
  readonly userAgent: string;
}

/** No field of a log line is longer, in characters before escaping. */
const MAX_FIELD = 1_024;

/** A record as a line of the Combined format (Apache's), without a line end. Whatever a client sent is escaped and capped. */
export function combinedLogFormat(record: AccessRecord): string {
  const { client, user, time, method, uri, version, status, bytes, referer, userAgent } = record;
  const request = method === "" ? "-" : `${method} ${withoutSecrets(uri)} ${version}`;
  return `${plain(client)} - ${plain(user)} [${formatLogDate(time)}] "${escaped(request)}" ${status} ${bytes === 0 ? "-" : bytes} "${escaped(withoutSecrets(referer))}" "${escaped(userAgent)}"`;
}

/** A record as one line of JSON, without a line end. */
export function jsonLogFormat(record: AccessRecord): string {
  const { user, method, uri, referer, userAgent } = record;
  const safe = {
    ...record,
    user: capped(user),
    method: capped(method),
    uri: capped(withoutSecrets(uri)),
    referer: capped(withoutSecrets(referer)),
    userAgent: capped(userAgent),
  };
  return JSON.stringify(safe).replace(NOT_PRINTABLE, unicode);
}

function capped(text: string): string {
  return text.slice(0, MAX_FIELD);
}

const ARGUMENT = /([?&])([^=&]*)=[^&]*/g;

/** Arguments that are likely to be secrets. */
const SECRET = /token|secret|password|passwd|apikey|api_key|signature|session/i;

function withoutSecrets(uri: string): string {
  if (!uri.includes("?")) return uri;
  return uri
    .slice(0, 2 * MAX_FIELD)
    .replace(ARGUMENT, (whole: string, mark: string, name: string) =>
      SECRET.test(name) ? `${mark}${name}=…` : whole,
    );
}

// oxlint-disable-next-line no-control-regex -- they are what is escaped
const NOT_PRINTABLE = /[\u0000-\u001f\u007f-\uffff]/g;
// oxlint-disable-next-line no-control-regex -- they are what is escaped
const TO_ESCAPE = /["\\\u0000-\u001f\u007f-\uffff]/g;

function escaped(text: string): string {
  if (text === "") return "-";
  return text.slice(0, MAX_FIELD).replace(TO_ESCAPE, (character) => {
    if (character === '"' || character === "\\") return `\\${character}`;
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : unicode(character);
  });
}

function unicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A field that stands without quotes. */
function plain(text: string): string {
  return text === "" ? "-" : escaped(text).replaceAll(" ", "\\x20");
}
