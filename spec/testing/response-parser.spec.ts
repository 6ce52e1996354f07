import { expect } from "chai";
import * as fc from "fast-check";
import { ReplyError } from "../../lib/testing/reply-error.ts";
import { END, type ReplyHead, ResponseParser } from "../../lib/testing/response-parser.ts";

type Seen = (string | { status: number; fields: string })[];

/** Feeds the pieces, then the end of the input where `closes`; gives what came out, pieces of one body joined. */
function parsed(pieces: readonly string[], methods: readonly string[], closes = false): Seen {
  const parser = new ResponseParser();
  const seen: Seen = [];
  const waiting = [...methods];
  let body = "";
  const take = (event: ReplyHead | string | typeof END | undefined): boolean => {
    if (event === undefined) return false;
    if (typeof event === "string") body += event;
    else if (event === END) {
      seen.push(body, `end${parser.trailers.slice(0, -2)}`);
      body = "";
      const next = waiting.shift();
      if (next !== undefined) parser.expect(next);
    } else seen.push({ status: event.status, fields: event.fields.slice(0, -2) });
    return true;
  };
  parser.expect(waiting.shift() ?? "GET");
  for (const piece of pieces) {
    parser.feed(piece);
    while (take(parser.next()));
  }
  const end = closes ? parser.close() : undefined;
  if (end instanceof ReplyError) throw end;
  take(end);
  if (body !== "") seen.push(body);
  if (parser.buffered > 0) seen.push(`left ${parser.rest}`);
  return seen;
}

/** Whether bytes are left over; how many at a time depends on the cuts. */
function leaves(seen: Seen): boolean {
  const last = seen.at(-1);
  return typeof last === "string" && last.startsWith("left");
}

const OK = "HTTP/1.1 200 OK\r\n";
const head = (status: number, fields: string): { status: number; fields: string } => ({
  status,
  fields,
});

const GOOD: readonly {
  title: string;
  bytes: string;
  methods?: readonly string[];
  closes?: boolean;
  seen: Seen;
}[] = [
  {
    title: "a body of a known length",
    bytes: `${OK}Content-Length: 5\r\n\r\nhello`,
    seen: [head(200, "Content-Length: 5\r\n"), "hello", "end"],
  },
  {
    title: "a body of no bytes",
    bytes: `${OK}content-length:0\r\n\r\n`,
    seen: [head(200, "content-length:0\r\n"), "", "end"],
  },
  {
    title: "a body that ends with the connection",
    bytes: `${OK}\r\nhello`,
    closes: true,
    seen: [head(200, ""), "hello", "end"],
  },
  {
    title: "an HTTP/1.0 reply without a reason",
    bytes: "HTTP/1.0 200 \r\nContent-Length: 1\r\n\r\nx",
    seen: [head(200, "Content-Length: 1\r\n"), "x", "end"],
  },
  {
    title: "chunks with an extension and trailers",
    bytes: `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n`,
    seen: [head(200, "Transfer-Encoding: chunked\r\n"), "abc0123456789", "endX-Sum: 1\r\n"],
  },
  {
    title: "the answer to HEAD, whatever length it says",
    bytes: `${OK}Content-Length: 5\r\n\r\n`,
    methods: ["HEAD"],
    seen: [head(200, "Content-Length: 5\r\n"), "", "end"],
  },
  { title: "a 204", bytes: "HTTP/1.1 204 No Content\r\n\r\n", seen: [head(204, ""), "", "end"] },
  {
    title: "a 304 with a length",
    bytes: "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
    seen: [head(304, "Content-Length: 9\r\n"), "", "end"],
  },
  {
    title: "informational responses before the reply",
    bytes: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}Content-Length: 1\r\n\r\nx`,
    seen: [
      head(100, ""),
      head(103, "Link: </a>\r\n"),
      head(200, "Content-Length: 1\r\n"),
      "x",
      "end",
    ],
  },
  {
    title: "two replies",
    bytes: `${OK}Content-Length: 1\r\n\r\nx${OK}Content-Length: 1\r\n\r\ny`,
    methods: ["GET", "GET"],
    seen: [
      head(200, "Content-Length: 1\r\n"),
      "x",
      "end",
      head(200, "Content-Length: 1\r\n"),
      "y",
      "end",
    ],
  },
  {
    title: "a change of protocol, after which nothing is a reply",
    bytes: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\nraw",
    seen: [head(101, "Upgrade: echo\r\n"), "", "end", "left raw"],
  },
  {
    title: "a tunnel",
    bytes: `${OK}\r\nraw`,
    methods: ["CONNECT"],
    seen: [head(200, ""), "", "end", "left raw"],
  },
];

const BAD: readonly (readonly [why: string, bytes: string, message: RegExp])[] = [
  ["no HTTP", "HTPT/1.1 200 OK\r\n\r\n", /sent "HTP.* where a status line was expected/],
  ["a lower-case protocol", "http/1.1 200 OK\r\n\r\n", /a status line was expected/],
  ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", /a status line was expected/],
  ["no blank after the status", "HTTP/1.1 200\r\n\r\n", /a status line was expected/],
  ["lines that end in LF", "HTTP/1.1 200 OK\nA: b\n\n", /CRLF at the end of each line/],
  ["a blank before the colon", `${OK}A : b\r\n\r\n`, /sent "A : b.* where field lines/],
  ["a folded line", `${OK}A: b\r\n c\r\n\r\n`, /field lines was/],
  ["a control character in a value", `${OK}A: \x01\r\n\r\n`, /field lines was expected/],
  ["a length of letters", `${OK}Content-Length: 1x\r\n\r\n`, /Content-Length: "1x", not a length/],
  ["an empty length", `${OK}Content-Length:\r\n\r\n`, /not a length/],
  ["a length of 16 digits", `${OK}Content-Length: 1234567890123456\r\n\r\n`, /not a length/],
  ["two lengths", `${OK}Content-Length: 1\r\nContent-Length: 1\r\n\r\n`, /Content-Length twice/],
  [
    "two codings",
    `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`,
    /Transfer-Encoding twice/,
  ],
  ["a coding but chunked", `${OK}Transfer-Encoding: gzip\r\n\r\n`, /"gzip", not chunked/],
  [
    "a length and chunks",
    `${OK}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    /both Transfer-Encoding and Content-Length/,
  ],
  [
    "chunks in HTTP/1.0",
    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    /chunks in HTTP\/1.0/,
  ],
  ["a length with 204", "HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n", /a length with 204/],
  ["a length with 100", "HTTP/1.1 100 C\r\nContent-Length: 0\r\n\r\n", /a length with 100/],
  ["a chunk size of letters", `${OK}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`, /a chunk size/],
  [
    "a chunk size of 13 digits",
    `${OK}Transfer-Encoding: chunked\r\n\r\n1234567890123\r\n`,
    /a chunk size/,
  ],
  [
    "no CRLF after a chunk",
    `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n`,
    /the CRLF after a chunk/,
  ],
  [
    "a trailer that is none",
    `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\nno trailer\r\n\r\n`,
    /trailer lines was expected/,
  ],
  ["an endless head", `${OK}${"A: b\r\n".repeat(180_000)}`, /a head of over 1048576 bytes/],
];

const CUT: readonly (readonly [after: string, bytes: string, message: RegExp])[] = [
  ["nothing", "", /closed the connection instead of a reply/],
  ["half a head", "HTTP/1.1 200", /within the head, after "HTTP\/1.1 200"/],
  ["half a body", `${OK}Content-Length: 5\r\n\r\nhel`, /2 bytes before the end of the body/],
  ["half a chunk", `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhel`, /before the last chunk/],
  ["a chunk", `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n`, /before the last chunk/],
];

describe("testing/response-parser", () => {
  for (const { title, bytes, methods = ["GET"], closes = false, seen } of GOOD) {
    it(`takes ${title} apart`, () => {
      expect(parsed([bytes], methods, closes), "whole").to.deep.equal(seen);
      if (leaves(seen)) return;
      expect(parsed(bytes.split(""), methods, closes), "byte by byte").to.deep.equal(seen);
    });
  }

  for (const [why, bytes, message] of BAD) {
    it(`refuses ${why}`, () => {
      expect(() => parsed([bytes], ["GET"])).to.throw(message);
      if (bytes.length > 10_000) return;
      expect(() => parsed(bytes.split(""), ["GET"]), "byte by byte").to.throw(message);
    });
  }

  for (const [after, bytes, message] of CUT) {
    it(`says what is missing when the connection ends after ${after}`, () => {
      expect(() => parsed([bytes], ["GET"], true)).to.throw(message);
    });
  }

  it("throws the same error again once it has thrown", () => {
    const parser = new ResponseParser();
    parser.expect("GET");
    parser.feed("nonsense");
    expect(() => parser.next()).to.throw("a status line");
    expect(() => parser.next()).to.throw("a status line");
    expect(String(parser.close())).to.contain("a status line");
  });

  it("takes no bytes for a reply before one is expected, and then does", () => {
    const parser = new ResponseParser();
    parser.feed(`${OK}Content-Length: 0\r\n\r\n`);
    expect(parser.next()).to.equal(undefined);
    expect(parser.close()).to.equal(undefined);
    parser.expect("GET");
    expect(parser.next()).to.include({ status: 200, reason: "OK", version: "HTTP/1.1" });
  });

  it("notices that cookies are set", () => {
    const parser = new ResponseParser();
    parser.expect("GET");
    parser.feed(`${OK}set-cookie: a=b\r\nContent-Length: 0\r\n\r\n`);
    expect(parser.next()).to.include({ setsCookies: true });
  });

  it("gives the same whatever the cuts", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...GOOD.filter(({ seen }) => !leaves(seen))),
        fc.array(fc.nat(200)),
        ({ bytes, methods = ["GET"], closes = false, seen }, cuts) => {
          const places = [...new Set([0, ...cuts, bytes.length])].toSorted((a, b) => a - b);
          const pieces = places.slice(1).map((end, index) => bytes.slice(places[index], end));
          expect(parsed(pieces, methods, closes)).to.deep.equal(seen);
        },
      ),
    );
  });
});
