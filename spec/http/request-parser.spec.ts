import { expect } from "chai";
import * as fc from "fast-check";
import {
  DEFAULT_PARSER_LIMITS,
  END,
  ProtocolError,
  type RequestHead,
  RequestParser,
} from "weftline/http";
import { bytesOf, eventsOf } from "../support/wire.ts";

const GOOD = "GET / HTTP/1.1\r\nHost: example.test\r\n\r\n";
const CHUNKED_HEAD = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

function fromHost(index: number): string {
  return GOOD.replace("example", `other${index}`);
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "latin1"));
}

/** Everything that a parser has to say now. */
function drained(parser: RequestParser): unknown[] {
  const events: unknown[] = [];
  for (let event = parser.next(); event !== undefined; event = parser.next()) events.push(event);
  return events;
}

/** Bits of requests, good and bad, that a mutation puts together. */
const BITS = [
  "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
  "POST /x?y HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
  `${CHUNKED_HEAD}3;a="b"\r\nabc\r\n0\r\nX: y\r\n\r\n`,
  "OPTIONS * HTTP/1.1\r\nhost: a:80\r\nConnection: close, x\r\n\r\n",
  "GET http://a/%41 HTTP/1.0\r\nHOST: a\r\nExpect: 100-continue\r\n\r\n",
  "PUT / HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: ChunkeD\r\n\r\n000A\r\n0123456789\r\n0\r\n\r\n",
];
const SPICE = [
  "\r",
  "\n",
  "\r\n",
  " ",
  "\t",
  "\0",
  "\x7f",
  "\x80",
  ":",
  ";",
  "0",
  "5",
  "X",
  "#",
  "%",
  '"',
  "/",
];

describe("http/request-parser", function specs() {
  this.timeout(5_000);

  it("gives a head, then END, then the next head", () => {
    const parser = new RequestParser();
    parser.feed(bytes(GOOD + GOOD));
    expect(parser.next()).to.include({ method: "GET", path: "/", authority: "example.test" });
    expect(parser.next()).to.equal(END);
    expect(parser.buffered).to.equal(GOOD.length);
    expect(parser.next()).to.include({ method: "GET" });
    expect(parser.next()).to.equal(END);
    expect(parser.next()).to.equal(undefined);
    expect(parser.buffered).to.equal(0);
  });

  it("needs no bytes to say that nothing is here", () => {
    const parser = new RequestParser();
    expect(parser.next()).to.equal(undefined);
    parser.feed(bytes(""));
    parser.settle();
    expect(parser.next()).to.equal(undefined);
  });

  it("gives pieces that stay as they are when the fed memory is used again", () => {
    const parser = new RequestParser();
    const memory = bytes("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcdGET");
    parser.feed(memory);
    parser.next();
    const piece = parser.next();
    parser.next();
    parser.settle();
    memory.fill(0);
    expect(Buffer.from(piece as Uint8Array).toString()).to.equal("abcd");
    parser.feed(bytes(GOOD.slice(3)));
    expect(parser.next()).to.include({ method: "GET" });
  });

  it("gives pieces that stay as they are when more comes before they are taken", () => {
    const parser = new RequestParser();
    parser.feed(bytes("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\nabcd"));
    parser.settle();
    parser.next();
    const pieces: unknown[] = [];
    for (const more of ["efgh", "ijkl"]) {
      parser.feed(bytes(more));
      parser.settle();
      if (more === "efgh") pieces.push(parser.next());
    }
    parser.feed(bytes(GOOD));
    pieces.push(parser.next());
    expect(pieces.map((piece) => Buffer.from(piece as Uint8Array).toString())).to.deep.equal([
      "abcdefgh",
      "ijkl",
    ]);
  });

  it("takes two feeds without a settle between them", () => {
    const parser = new RequestParser();
    const first = bytes(GOOD.slice(0, 10));
    parser.feed(first);
    parser.feed(bytes(GOOD.slice(10)));
    first.fill(0);
    expect(parser.next()).to.include({ method: "GET" });
  });

  it("shares what it understood of a field block that comes again", () => {
    const parser = new RequestParser();
    parser.feed(bytes(GOOD + GOOD + GOOD.replace("example", "another")));
    const heads = drained(parser).filter((event) => event !== END) as { headers: unknown }[];
    expect(heads[0]?.headers).to.equal(heads[1]?.headers);
    expect(heads[0]?.headers).not.to.equal(heads[2]?.headers);
  });

  it("shares it as long as not every block is another one", () => {
    const changing = Array.from({ length: 7 }, (_, index) => fromHost(index)).join("");
    for (const [before, isShared] of [
      [changing, true],
      [changing + fromHost(7), false],
    ] as const) {
      const parser = new RequestParser();
      parser.feed(bytes(before + GOOD + GOOD));
      const heads = drained(parser).filter((event) => event !== END) as RequestHead[];
      expect(heads[1]?.headers.get("host")).to.equal("other1.test");
      expect(heads.at(-1)?.authority).to.equal("example.test");
      expect(heads.at(-1)?.headers === heads.at(-2)?.headers).to.equal(isShared);
    }
  });

  it("throws the same error again once the protocol was broken", () => {
    const parser = new RequestParser();
    parser.feed(bytes("GET /\r\n"));
    expect(() => parser.next())
      .to.throw(ProtocolError, "no version")
      .with.property("status", 400);
    parser.feed(bytes(GOOD));
    expect(parser.buffered).to.equal(0);
    expect(() => parser.next())
      .to.throw(ProtocolError, "no version")
      .with.property("blame", "remote");
  });

  it("never repeats what it was sent in what it throws", () => {
    const parser = new RequestParser();
    parser.feed(bytes("GET / HTTP/1.1\r\nHost: <script>\r\n\r\n"));
    expect(() => parser.next())
      .to.throw(ProtocolError)
      .with.property("message")
      .that.does.not.include("script");
  });

  it("keeps a backlog of many small pieces in order, in memory that doubles", () => {
    const parser = new RequestParser();
    const count = 2_000;
    const backlog = bytes(GOOD.repeat(count));
    for (let at = 0; at < backlog.length; at += 7) {
      const piece = backlog.slice(at, at + 7);
      parser.feed(piece);
      parser.settle();
      piece.fill(0);
    }
    expect(parser.buffered).to.equal(backlog.length);
    expect(drained(parser)).to.have.lengthOf(2 * count);
  });

  it("reads as far as it is asked, and keeps the rest while more comes", () => {
    const parser = new RequestParser();
    for (let at = 0; at < 100; at++) {
      parser.feed(bytes(GOOD + GOOD));
      expect(parser.next()).to.include({ method: "GET" });
      expect(parser.next()).to.equal(END);
      parser.settle();
    }
    expect(parser.buffered).to.equal(100 * GOOD.length);
    expect(drained(parser)).to.have.lengthOf(200);
  });

  it("lets a body be sent a byte a chunk, but not for ever", () => {
    const parser = new RequestParser();
    parser.feed(bytes(CHUNKED_HEAD));
    parser.next();
    const chunks = bytes("1\r\nx\r\n".repeat(1_000));
    const untilRefused = (): number => {
      for (let came = 0; ; came += chunks.length) {
        parser.feed(chunks);
        try {
          drained(parser);
        } catch (error) {
          expect(error)
            .to.be.instanceOf(ProtocolError)
            .with.property("message", "more chunk framing than payload");
          return came;
        }
      }
    };
    expect(untilRefused()).to.be.within(1024 * 1024 - chunks.length, 1024 * 1024);
  });

  it("counts chunk framing for each body on its own", () => {
    const parser = new RequestParser();
    const body = `${CHUNKED_HEAD}${`1;${"a".repeat(1_000)}\r\nx\r\n`.repeat(16)}0\r\n\r\n`;
    parser.feed(bytes(body + body));
    expect(drained(parser).filter((event) => event === END)).to.have.lengthOf(2);
  });

  it("has no limit where a limit is Infinity", () => {
    const endless = Object.fromEntries(
      Object.keys(DEFAULT_PARSER_LIMITS).map((name) => [name, Number.POSITIVE_INFINITY]),
    ) as unknown as typeof DEFAULT_PARSER_LIMITS;
    const long = bytesOf(
      "GET /{a*40000} HTTP/1.1\\r\\nHost: a\\r\\n{X: {y*90}\\r\\n*500}\\r\\n".replace(
        "{y*90}",
        "y".repeat(90),
      ),
    );
    expect(eventsOf({ pieces: [long] }, endless)).to.include("end");
    expect(
      eventsOf({ pieces: Array.from(long, (octet) => Uint8Array.of(octet)) }, endless),
    ).to.include("end");
  });

  it("says the same of anything, however it is cut", () => {
    const spice = fc.record({ at: fc.nat(400), text: fc.constantFrom(...SPICE), over: fc.nat(2) });
    const mutated = fc
      .tuple(
        fc.array(fc.constantFrom(...BITS), { minLength: 1, maxLength: 3 }),
        fc.array(spice, { maxLength: 3 }),
      )
      .map(([bits, spices]) => {
        let text = bits.join("");
        for (const { at, text: more, over } of spices) {
          text = text.slice(0, at % text.length) + more + text.slice((at % text.length) + over);
        }
        return bytes(text);
      });
    fc.assert(
      fc.property(
        mutated,
        fc.array(fc.nat(400), { maxLength: 6 }),
        fc.boolean(),
        (all, cuts, late) => {
          const bounds = [
            0,
            ...cuts.map((cut) => cut % (all.length + 1)).toSorted((a, b) => a - b),
            all.length,
          ];
          const pieces = bounds.slice(1).map((end, at) => all.subarray(bounds[at], end));
          const whole = eventsOf({ pieces: [all] });
          expect(eventsOf({ pieces, late })).to.deep.equal(whole);
          expect(
            eventsOf({ pieces: Array.from(all, (octet) => Uint8Array.of(octet)) }),
          ).to.deep.equal(whole);
        },
      ),
      { numRuns: 400 },
    );
  });

  it("says the same of any limits, however it is cut", () => {
    const limits = fc.record({
      targetBytes: fc.nat(20),
      headBytes: fc.nat(80),
      fieldCount: fc.nat(4),
      chunkLineBytes: fc.nat(12),
      chunkOverheadBytes: fc.nat(12),
    });
    fc.assert(
      fc.property(fc.constantFrom(...BITS), limits, (text, allowed) => {
        const all = bytes(text + text);
        const whole = eventsOf({ pieces: [all] }, allowed);
        expect(
          eventsOf({ pieces: Array.from(all, (octet) => Uint8Array.of(octet)) }, allowed),
        ).to.deep.equal(whole);
      }),
      { numRuns: 300 },
    );
  });
});
