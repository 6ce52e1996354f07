import { METHODS } from "node:http";
import { isIPv6 } from "node:net";
import type { Difference } from "./compare.ts";

// The differences between Weftline and node:http that have been looked at. Whatever is not here is a failure of the fuzzer.

/** A difference that is known, and settled. */
export interface Reviewed {
  readonly title: string;
  /** Who reads it as the section says. `both` where it leaves a choice. */
  readonly right: "weftline" | "node:http" | "both";
  readonly section: string;
  /** What Weftline gave as the reason of its refusal, for one that node:http does not refuse there. */
  readonly ours?: string;
  /** How the reason of node:http begins, for a refusal of its own where Weftline reads on. */
  readonly theirs?: RegExp;
  /**
   * Looks at the message itself, independently of both: whether it is what the title says.
   *
   * It goes up to the byte at which it was refused. `before` is the message before, which both took.
   */
  readonly shows: (message: string, difference: Difference, before: string) => boolean;
}

/** The one that covers a difference in `message`; undefined for a difference that nobody has looked at. */
export function reviewed(
  difference: Difference,
  message: string,
  before: string,
): Reviewed | undefined {
  const { ours, theirs } = difference;
  const refusedByUs = typeof ours.end === "number" && !isAheadOf(ours, theirs);
  const refusedByNode = typeof theirs.end === "number" && !isAheadOf(theirs, ours);
  return DIFFERENCES.find((one) => {
    const isRefusal = one.ours !== undefined || one.theirs !== undefined;
    const byUs = refusedByUs && one.ours === ours.reason;
    const byNode = refusedByNode && one.theirs?.test(theirs.reason) === true;
    return (!isRefusal || byUs || byNode) && one.shows(message, difference, before);
  });
}

/** Whether the one got further than the other before it refused. */
function isAheadOf(one: Difference["ours"], other: Difference["ours"]): boolean {
  return completeIn(one) > completeIn(other);
}

function completeIn({ requests }: Difference["ours"]): number {
  return requests.filter(({ complete }) => complete).length;
}

/** Values of the fields of that name, without white space around them. */
function valuesOf(message: string, name: string): string[] {
  const head = message.split("\r\n\r\n", 1)[0] ?? "";
  const lines = head.split("\r\n").filter((line) => line.toLowerCase().startsWith(`${name}:`));
  return lines.map((line) => line.slice(name.length + 1).replace(/^[ \t]+|[ \t]+$/g, ""));
}

/** The parts of the request line, as far as it has them. */
function lineOf(message: string): {
  readonly method: string;
  readonly target: string;
  readonly version: string;
} {
  const line = message.replace(/^\r\n/, "").split("\r\n", 1)[0] ?? "";
  const [method = "", ...rest] = line.split(" ");
  return { method, target: rest.slice(0, -1).join(" "), version: rest.at(-1) ?? "" };
}

const PATH = /^\/(?:[\w\-.~!$&'()*+,;=:@/[\]|]|%[\da-f]{2})*(?:\?[!$-;=?-Z_a-z~[\]|\\^`{}%]*)?$/i;

function isHost(value: string): boolean {
  const [, address, port = ""] = /^(?:\[([^\]]*)\]|[\w\-.~!$&'()*+,;=%]+)(?::(\d*))?$/.exec(
    value,
  ) ?? ["", "-", ""];
  const isName =
    address === undefined
      ? !/%(?![\da-f]{2})/i.test(value)
      : (isIPv6(address) && !address.includes("%")) || /^v[\da-f]+\./i.test(address);
  return isName && Number(port) <= 65_535 && port.length <= 5;
}

/** The authority of an absolute target, and a port that goes without saying left out. */
function authorityOf(target: string): string {
  return target.replace(/^https?:\/\//i, "").replace(/[/?].*$/s, "");
}

function plain(authority: string, scheme: string): string {
  const port = scheme === "https" ? "443" : "80";
  return authority.toLowerCase().replace(new RegExp(`:(?:0*${port})?$`), "");
}

const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/;
const CHUNK_LINES = /(?:^|\r\n)[\da-f]+([^\r\n]*)\r\n/gi;

/** What stands behind the sizes of chunks, of all lines that could be one. */
function extensionsIn(message: string): string[] {
  return [...message.matchAll(CHUNK_LINES)]
    .map(([, extension = ""]) => extension)
    .filter((extension) => extension !== "");
}

export const DIFFERENCES: readonly Reviewed[] = [
  // ── node:http takes what Weftline refuses ──
  {
    title: "a Host that is no host and port",
    right: "weftline",
    section: "RFC 9112 section 3.2",
    ours: "an invalid Host",
    shows: (message) => valuesOf(message, "host").some((value) => value !== "" && !isHost(value)),
  },
  {
    title: "an empty Host beside a path",
    right: "weftline",
    section: "RFC 9110 section 4.2.1",
    ours: "an empty Host",
    shows: (message) => valuesOf(message, "host").some((value) => value === ""),
  },
  {
    title: "HTTP/1.1 without Host (node:http was asked not to look)",
    right: "weftline",
    section: "RFC 9112 section 3.2",
    ours: "no Host",
    shows: (message) =>
      valuesOf(message, "host").length === 0 && lineOf(message).version === "HTTP/1.1",
  },
  {
    title: "two Hosts",
    right: "weftline",
    section: "RFC 9112 section 3.2",
    ours: "more than one Host",
    shows: (message) => valuesOf(message, "host").length > 1,
  },
  {
    title: "a Host that is not the authority of the target",
    right: "both",
    section: "RFC 9112 section 3.2.2",
    ours: "a Host other than the target's",
    shows: (message) => {
      const { target } = lineOf(message);
      const scheme = target.split(":", 1)[0]?.toLowerCase() ?? "";
      return valuesOf(message, "host").some(
        (value) => plain(value, scheme) !== plain(authorityOf(target), scheme),
      );
    },
  },
  {
    title: "a target with userinfo, or without a host",
    right: "weftline",
    section: "RFC 9110 section 4.2.4",
    ours: "a request target without a valid host",
    shows: (message) => {
      const { target } = lineOf(message);
      return /^https?:\/\//i.test(target) && !isHost(authorityOf(target));
    },
  },
  {
    title:
      "a path or query with characters that neither RFC 3986 nor browsers know, or another scheme",
    right: "weftline",
    section: "RFC 9112 section 3.2",
    ours: "a request target of no known form",
    shows: (message) => {
      const { target } = lineOf(message);
      return (
        !PATH.test(target) && !(/^https?:\/\//i.test(target) && PATH.test(`/${target.slice(8)}`))
      );
    },
  },
  {
    title: "a target with a fragment, a quote, an angle bracket, or a byte that is not ASCII",
    right: "weftline",
    section: "RFC 9112 section 3.2",
    ours: "an octet that no request target may have",
    shows: (message) => /[^!$-;=?-~]$/.test(message) && !message.slice(2).includes("\n"),
  },
  {
    title: "a request line without a version, which is HTTP/0.9",
    right: "weftline",
    section: "RFC 9112 section 3",
    ours: "no version in the request line",
    shows: (message) => /^(?:\r\n)?\S+ \S+[\r\n]$/.test(message),
  },
  {
    title: "an asterisk for another method than OPTIONS",
    right: "weftline",
    section: "RFC 9112 section 3.2.4",
    ours: "only OPTIONS may ask for *",
    shows: (message) => lineOf(message).target === "*" && lineOf(message).method !== "OPTIONS",
  },
  {
    title: "CONNECT with something else than a host and a port",
    right: "weftline",
    section: "RFC 9112 section 3.2.3",
    ours: "CONNECT takes a host and a port",
    shows: (message) =>
      lineOf(message).method === "CONNECT" && !/:\d+$/.test(lineOf(message).target),
  },
  {
    title: "another version than 1.0 and 1.1",
    right: "weftline",
    section: "RFC 9110 section 2.5",
    ours: "neither HTTP/1.0 nor HTTP/1.1",
    shows: (message) => / HTTP\/(?!1\.[01]\r)\d\.\d\r$/.test(message),
  },
  {
    title: "bare CRs, bare LFs or many empty lines before a request line",
    right: "weftline",
    section: "RFC 9112 section 2.2",
    ours: "more than an empty line before the request line",
    shows: (message) => /^(?:\r\n)?\r[^\n]?$/s.test(message),
  },
  {
    title: "a bare LF before a request line",
    right: "weftline",
    section: "RFC 9112 section 2.2",
    ours: "the method is not a token",
    shows: (message) => /^(?:\r\n)?\n$/.test(message),
  },
  {
    title: "Transfer-Encoding in HTTP/1.0",
    right: "weftline",
    section: "RFC 9112 section 6.1",
    ours: "Transfer-Encoding in HTTP/1.0",
    shows: (message) =>
      lineOf(message).version === "HTTP/1.0" && valuesOf(message, "transfer-encoding").length > 0,
  },
  {
    title: "a Transfer-Encoding that is not chunked alone",
    right: "both",
    section: "RFC 9112 section 6.1",
    ours: "a Transfer-Encoding other than chunked",
    shows: (message) => valuesOf(message, "transfer-encoding").join().toLowerCase() !== "chunked",
  },
  {
    title: "a Content-Length beside an empty Transfer-Encoding, which node:http overlooks",
    right: "weftline",
    section: "RFC 9112 section 6.3",
    ours: "Transfer-Encoding and Content-Length",
    shows: (message) =>
      valuesOf(message, "transfer-encoding").every((value) => value === "") &&
      valuesOf(message, "content-length").length > 0,
  },
  {
    title: "a Content-Length over 2^53-1, which node:http reads up to 2^64",
    right: "both",
    section: "RFC 9110 section 8.6",
    ours: "a Content-Length over 2^53-1",
    shows: (message) =>
      valuesOf(message, "content-length").some((value) => Number(value) > Number.MAX_SAFE_INTEGER),
  },
  {
    title: "a chunk size with more digits than 2^52 has, which node:http reads up to 2^64",
    right: "both",
    section: "RFC 9112 section 7.1",
    ours: "a chunk size of more than 13 digits",
    shows: (message) => /\n[\da-f]{14}$/i.test(message),
  },
  {
    title: "a chunk extension without a name, or without the value that was begun",
    right: "weftline",
    section: "RFC 9112 section 7.1.1",
    ours: "a chunk extension against the grammar",
    shows: (message) => /\n[\da-f]+[^\r\n]*(?:;[ \t]*[\r=;]|=[ \t]*[\r;=])$/i.test(message),
  },
  {
    title: "a Connection with something that is no token",
    right: "weftline",
    section: "RFC 9110 section 7.6.1",
    ours: "a Connection option that is not a token",
    shows: (message) =>
      valuesOf(message, "connection")
        .join()
        .split(",")
        .some((option) => {
          const name = option.replace(/^[ \t]+|[ \t]+$/g, "");
          return name !== "" && !TOKEN.test(name);
        }),
  },
  {
    title: "an expectation that nobody knows, which HTTP/1.0 may have",
    right: "weftline",
    section: "RFC 9110 section 10.1.1",
    ours: "an expectation other than 100-continue",
    shows: (message) =>
      valuesOf(message, "expect")
        .join()
        .split(",")
        .some((one) => !/^[ \t]*(?:100-continue)?[ \t]*$/i.test(one)),
  },

  {
    title: "more than one space in a request line",
    right: "weftline",
    section: "RFC 9112 section 3",
    ours: "the request line does not end in a version",
    shows: (message) => /^(?:\r\n)?\S+ \S+ {2}$/.test(message),
  },

  // ── Weftline takes what node:http refuses ──
  {
    title: "a method that node:http does not know",
    right: "weftline",
    section: "RFC 9110 section 9.1",
    theirs: /^HPE_INVALID_METHOD /,
    shows: (message) => {
      const [, method = ""] = /^(?:\r\n)?([!#$%&'*+\-.^_`|~\w]+)(?: |$)/.exec(message) ?? [];
      return method !== "" && !METHODS.includes(method);
    },
  },
  {
    title: "PRI, which begins HTTP/2 alone",
    right: "both",
    section: "RFC 9113 section 3.4",
    shows: (message) => /^(?:\r\n)?PRI /.test(message),
  },
  {
    title: "white space in a chunk extension",
    right: "weftline",
    section: "RFC 9112 section 7.1.1",
    theirs: /^(?:HPE_STRICT|HPE_INVALID_CHUNK_SIZE) /,
    shows: (message) => extensionsIn(message).some((extension) => /[ \t]/.test(extension)),
  },
  {
    title: "a HTAB behind the Transfer-Encoding or the Content-Length",
    right: "weftline",
    section: "RFC 9112 section 5",
    theirs: /^HPE_INVALID_(?:TRANSFER_ENCODING|CONTENT_LENGTH) /,
    shows: (message) =>
      /\r\n(?:transfer-encoding:[ \t]*chunked|content-length:[ \t]*\d+) *\t[ \t]*\r\n/i.test(
        message,
      ),
  },
  {
    title: "an Expect that is an empty list, or names 100-continue twice",
    right: "weftline",
    section: "RFC 9110 section 10.1.1",
    theirs: /^an expectation$/,
    shows: (message) =>
      valuesOf(message, "expect")
        .join()
        .replace(/100-continue/gi, "")
        .replace(/[ \t,]/g, "") === "",
  },
  {
    title:
      "a Content-Length or Transfer-Encoding that is wrong in a head that has not ended: Weftline looks when it has",
    right: "both",
    section: "RFC 9112 section 6.3",
    theirs: /^HPE_(?:INVALID_CONTENT_LENGTH|UNEXPECTED_CONTENT_LENGTH|INVALID_TRANSFER_ENCODING) /,
    shows: (message, { ours }) =>
      ours.end === "open" &&
      !message.includes("\r\n\r\n") &&
      (valuesOf(message, "content-length").some(
        (value, at) => at > 0 || !/^\d{1,16}$/.test(value),
      ) ||
        valuesOf(message, "transfer-encoding").length > 0),
  },
  {
    title: "a target of no known form in a head that has not ended: Weftline looks when it has",
    right: "both",
    section: "RFC 9112 section 3.2",
    theirs: /^HPE_INVALID_URL /,
    shows: (message, { ours }) =>
      ours.end === "open" &&
      !message.includes("\r\n\r\n") &&
      !/^(?:\/|\*$|https?:\/\/[^/])/i.test(lineOf(message).target),
  },

  // ── both take it, and one of them for the last of the connection ──
  {
    title: "close beside keep-alive in HTTP/1.0",
    right: "weftline",
    section: "RFC 9112 section 9.3",
    shows: (_message, { ours }, before) =>
      ours.end === "closed" &&
      lineOf(before).version === "HTTP/1.0" &&
      /close/i.test(valuesOf(before, "connection").join()) &&
      /keep-alive/i.test(valuesOf(before, "connection").join()),
  },
  {
    title: "a HTAB behind the close of Connection, which node:http then does not see",
    right: "weftline",
    section: "RFC 9112 section 5",
    shows: (_message, { ours }, before) =>
      ours.end === "closed" && /\r\nconnection:[^\r\n]*close *\t[ \t]*\r\n/i.test(before),
  },
  {
    title: "what is behind a CONNECT that was refused: to node:http it is not HTTP any more",
    right: "both",
    section: "RFC 9110 section 9.3.6",
    shows: (message, { theirs }, before) =>
      theirs.reason === "CONNECT" &&
      (message.startsWith("CONNECT ") || before.startsWith("CONNECT ")),
  },
  {
    title:
      "an Upgrade that nobody takes, of a request with a body: node:http reads nothing behind it",
    right: "weftline",
    section: "RFC 9110 section 7.8",
    shows: (_message, { theirs }, before) =>
      theirs.end === "open" &&
      /upgrade/i.test(valuesOf(before, "connection").join()) &&
      valuesOf(before, "upgrade").length > 0,
  },
  {
    title: "an Upgrade that nobody takes, of a request with a body: node:http does not read it",
    right: "weftline",
    section: "RFC 9110 section 7.8",
    shows: (message, { ours, theirs, at }) =>
      theirs.end === "open" &&
      theirs.requests[at]?.complete === false &&
      ours.requests[at]?.body.startsWith(theirs.requests[at].body) === true &&
      /upgrade/i.test(valuesOf(message, "connection").join()) &&
      valuesOf(message, "upgrade").length > 0,
  },
  {
    title: "Connection: close in the trailers, which node:http obeys",
    right: "weftline",
    section: "RFC 9110 section 6.5.1",
    shows: (_message, _difference, before) =>
      valuesOf(before, "connection").every((value) => !/close/i.test(value)) &&
      /\r\n0[^\r\n]*\r\n(?:[^\r\n]+\r\n)*connection:[^\r\n]*close/i.test(before),
  },
];
