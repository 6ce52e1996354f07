import { Buffer } from "node:buffer";

/** Header fields of a request: a record, where a list means several lines, or anything that gives pairs (Headers, a Map, an array). */
export type TestHeaders =
  | Readonly<Record<string, string | readonly string[]>>
  | Iterable<readonly [string, string]>;

/** A piece of a body; a string is sent as UTF-8. */
export type Piece = string | Uint8Array;

/**
 * A body. Text, bytes, a form and JSON go out with the head and have a Content-Length; pieces go out one by one, chunked.
 *
 * A FormData is sent as multipart/form-data; reading it takes a few turns of the event loop, unlike all others but the asynchronous ones.
 */
export type TestBody = Piece | URLSearchParams | FormData | readonly Piece[] | AsyncIterable<Piece>;

/** What a request says besides its method and path. */
export interface TestMessageInit {
  /** They replace those that the client would send of itself, Host and Content-Length included. Not checked beyond what would break the head. */
  readonly headers?: TestHeaders;
  readonly body?: TestBody;
  /** A body of JSON; anything that `JSON.stringify` takes. */
  readonly json?: unknown;
  /** The body follows by `reply.write` and `reply.end`; chunked, unless `headers` has a Content-Length. */
  readonly upload?: boolean;
  /** Sends `Expect: 100-continue`, and the body only when the server asks for it. */
  readonly expectContinue?: boolean;
  /** "1.1" unless given. */
  readonly version?: "1.0" | "1.1";
}

/** A request as it goes out: its head, with the body where that is at hand, then pieces. */
export interface RequestMessage {
  /** Latin1, one character a byte. */
  readonly head: string;
  /** Likewise; empty where it comes in pieces or not at all. */
  readonly body: string;
  readonly pieces: readonly Piece[] | AsyncIterable<Piece> | undefined;
  /** Whether pieces are framed as chunks. */
  readonly chunked: boolean;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NOT_VISIBLE = /[^\x21-\x7e]/;
const NOT_ASCII = /[^\0-\x7f]/;
// oxlint-disable-next-line no-control-regex -- these are what would end a field line
const BREAKS_A_LINE = /[\0\r\n]|[^\0-\xff]/;

/**
 * The request target for a path: characters that no target has are percent-encoded, as a browser would.
 *
 * Everything else stays as it is; what is malformed on purpose is sent by `client.connect()`.
 */
export function target(path: string): string {
  if (path === "") throw new TypeError('an empty path: say "/"');
  return NOT_VISIBLE.test(path)
    ? path.replace(/[^\x21-\x7e]/gu, (character) => encodeURIComponent(character))
    : path;
}

/** A method that can stand in a request line; otherwise a TypeError. */
export function checkedMethod(method: string): string {
  if (TOKEN.test(method)) return method;
  throw new TypeError(`${JSON.stringify(method)} is not a method`);
}

/** The smallest request there is: no fields but Host. */
export function bareRequest(method: string, path: string): string {
  return `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
}

/** A whole request. `own` are fields that the client sends of itself: those of `init` replace them. */
export function requestMessage(
  method: string,
  path: string,
  init: TestMessageInit,
  own: readonly TestHeaders[],
): RequestMessage {
  const content = contentOf(init);
  const fields = new Map([["host", "Host: localhost\r\n"]]);
  if (content.type !== "") set(fields, "Content-Type", content.type);
  for (const headers of [...own, init.headers ?? []]) setAll(fields, headers);
  if (init.expectContinue === true) set(fields, "Expect", "100-continue");
  const version = init.version ?? "1.1";
  const chunked = frame(fields, content, version);
  return {
    head: `${method} ${path} HTTP/${version}\r\n${[...fields.values()].join("")}\r\n`,
    body: content.body,
    pieces: content.pieces,
    chunked,
  };
}

interface Content {
  /** Content-Type; empty: none. */
  readonly type: string;
  readonly body: string;
  readonly pieces: readonly Piece[] | AsyncIterable<Piece> | undefined;
  readonly framed: "no" | "length" | "chunks";
}

const NONE: Content = { type: "", body: "", pieces: undefined, framed: "no" };

function contentOf({ body, json, upload }: TestMessageInit): Content {
  if (json !== undefined) return whole("application/json", latin1(JSON.stringify(json)));
  if (upload === true) return { ...NONE, framed: "chunks" };
  if (body === undefined) return NONE;
  if (typeof body === "string") return whole("text/plain;charset=UTF-8", latin1(body));
  if (body instanceof Uint8Array) return whole("", latin1(body));
  if (body instanceof URLSearchParams) {
    return whole("application/x-www-form-urlencoded;charset=UTF-8", body.toString());
  }
  if (body instanceof FormData) return multipart(body);
  return { ...NONE, pieces: body, framed: "chunks" };
}

function whole(type: string, body: string): Content {
  return { type, body, pieces: undefined, framed: "length" };
}

/** The platform knows how; it gives type and bytes. */
function multipart(form: FormData): Content {
  const encoded = new Response(form);
  /* c8 ignore next 2 -- what is made of a form has both */
  const type = encoded.headers.get("content-type") ?? "";
  return { ...NONE, type, pieces: encoded.body ?? [], framed: "chunks" };
}

/** Adds the field that tells the length, where the test has not said it itself. Whether the body goes out as chunks. */
function frame(fields: Map<string, string>, { framed, body }: Content, version: string): boolean {
  if (framed === "no" || fields.has("content-length")) return false;
  if (framed === "length" && !fields.has("transfer-encoding")) {
    set(fields, "Content-Length", String(body.length));
  }
  if (framed === "length") return false;
  if (version === "1.0") throw new TypeError("a body in pieces needs a Content-Length in HTTP/1.0");
  set(fields, "Transfer-Encoding", "chunked");
  return true;
}

function setAll(fields: Map<string, string>, headers: TestHeaders): void {
  if (Symbol.iterator in headers) {
    const lines = new Map<string, string[]>();
    for (const [name, value] of headers) {
      const known = lines.get(name);
      if (known === undefined) lines.set(name, [value]);
      else known.push(value);
    }
    for (const [name, values] of lines) set(fields, name, values);
  } else for (const [name, values] of Object.entries(headers)) set(fields, name, values);
}

function set(fields: Map<string, string>, name: string, value: string | readonly string[]): void {
  if (!TOKEN.test(name)) throw new TypeError(`${JSON.stringify(name)} is not the name of a field`);
  const values = typeof value === "string" ? [value] : value;
  if (values.some((text) => BREAKS_A_LINE.test(text))) {
    throw new TypeError(`the value of ${name} has characters that no field can have`);
  }
  fields.set(name.toLowerCase(), values.map((text) => `${name}: ${text}\r\n`).join(""));
}

/** Bytes as latin1; a string as the latin1 of its UTF-8. */
export function latin1(data: Piece): string {
  if (typeof data !== "string") {
    return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("latin1");
  }
  return NOT_ASCII.test(data) ? Buffer.from(data).toString("latin1") : data;
}
