import { expect } from "chai";
import {
  CHUNKED,
  CLOSES,
  CONTINUE,
  connectionField,
  encodeHead,
  encodeInformational,
  framingOf,
  Headers,
  type HeadersInit,
  hasBody,
  KEEPS_ALIVE,
  PHRASES,
  ProtocolError,
  promisedLength,
  STAYS_OPEN,
  UNSAID,
  UNTIL_CLOSE,
} from "weftline/http";

const OWN = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: weftline\r\n";

interface Case {
  readonly status?: number;
  readonly reason?: string;
  readonly fields?: HeadersInit;
  readonly framing?: number;
  readonly connection?: string;
}

function head({
  status = 200,
  reason = "",
  fields = [],
  framing = UNSAID,
  connection = STAYS_OPEN,
}: Case): string {
  return encodeHead({ status, reason, headers: new Headers(fields) }, framing, connection, OWN);
}

/** The lines of a head, without Date and Server. */
function lines(one: Case): string[] {
  return head(one)
    .split("\r\n")
    .filter((line) => !/^(?:Date|Server):|^$/.test(line));
}

describe("http/response", () => {
  it("writes a head in one piece, to which a body can be appended", () => {
    expect(head({ fields: { "Content-Type": "text/plain" }, framing: 12 })).to.equal(
      `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n${OWN}\r\n`,
    );
  });

  for (const [name, value] of Object.entries(PHRASES)) {
    const status = Number(name);
    if (status < 200) continue;
    it(`says ${value} for ${status}`, () => {
      expect(lines({ status })).to.deep.equal([`HTTP/1.1 ${status} ${value}`]);
    });
  }

  it("says nothing for a status that nobody has registered, but keeps the blank", () => {
    expect(lines({ status: 299 })).to.deep.equal(["HTTP/1.1 299 "]);
  });

  it("says what the resource says instead", () => {
    expect(lines({ reason: "Fine\tby \xe9 me" })).to.deep.equal(["HTTP/1.1 200 Fine\tby \xe9 me"]);
  });

  for (const reason of ["a\r\nX: y", "a\nb", "\r", "\0", "\x7f", "\u0100", "\u{1f600}"]) {
    it(`refuses the reason ${JSON.stringify(reason)}`, () => {
      expect(() => head({ reason }))
        .to.throw(ProtocolError, "in the reason")
        .with.property("blame", "local");
    });
  }

  for (const status of [0, 99, 100, 101, 103, 199, 600, 999, 200.5, -200, Number.NaN]) {
    it(`refuses ${status} as a final status`, () => {
      expect(() => head({ status }))
        .to.throw(ProtocolError, "not a final status")
        .with.property("status", 500);
    });
  }

  for (const name of ["Transfer-Encoding", "connection", "Keep-Alive", "Proxy-Connection"]) {
    it(`refuses ${name}, which is the carrier's`, () => {
      expect(() => head({ fields: { [name]: "close" } })).to.throw(
        ProtocolError,
        "not a resource's to set",
      );
    });
  }

  it("says how the body ends", () => {
    expect(lines({ framing: 0 })).to.include("Content-Length: 0");
    expect(lines({ framing: 2 ** 40 })).to.include("Content-Length: 1099511627776");
    expect(lines({ framing: CHUNKED })).to.include("Transfer-Encoding: chunked");
    expect(lines({ framing: UNTIL_CLOSE })).to.have.lengthOf(1);
    expect(lines({ framing: UNSAID })).to.have.lengthOf(1);
  });

  it("says whether the connection stays", () => {
    expect(connectionField("HTTP/1.1", true)).to.equal(STAYS_OPEN);
    expect(connectionField("HTTP/1.0", true)).to.equal(KEEPS_ALIVE);
    expect(connectionField("HTTP/1.1", false)).to.equal(CLOSES);
    expect(connectionField("HTTP/1.0", false)).to.equal(CLOSES);
    expect(lines({ connection: CLOSES })).to.include("Connection: close");
    expect(lines({ connection: KEEPS_ALIVE })).to.include("Connection: keep-alive");
  });

  it("leaves a Content-Length of the resource as it is", () => {
    expect(lines({ fields: { "content-length": "7" }, framing: 7 })).to.deep.equal([
      "HTTP/1.1 200 OK",
      "content-length: 7",
    ]);
    expect(lines({ fields: { "Content-Length": "7" } })).to.include("Content-Length: 7");
    expect(lines({ status: 304, fields: { "Content-Length": "7" } })).to.include(
      "Content-Length: 7",
    );
  });

  it("has no Content-Length of the resource in a 204 or 205", () => {
    expect(lines({ status: 204, fields: { "Content-Length": "7", A: "b" } })).to.deep.equal([
      "HTTP/1.1 204 No Content",
      "A: b",
    ]);
    expect(lines({ status: 205, fields: { "Content-Length": "7" }, framing: 0 })).to.deep.equal([
      "HTTP/1.1 205 Reset Content",
      "Content-Length: 0",
    ]);
  });

  it("refuses a Content-Length beside chunks", () => {
    expect(() => head({ fields: { "Content-Length": "7" }, framing: CHUNKED })).to.throw(
      ProtocolError,
      "beside chunks",
    );
  });

  it("gives way to a Date and a Server of the resource's own", () => {
    expect(head({ fields: { Date: "now" } })).to.equal(
      "HTTP/1.1 200 OK\r\nDate: now\r\nServer: weftline\r\n\r\n",
    );
    expect(head({ fields: { server: "x" }, connection: CLOSES })).to.equal(
      "HTTP/1.1 200 OK\r\nserver: x\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: close\r\n\r\n",
    );
  });

  it("names an Upgrade in Connection", () => {
    const fields = { Upgrade: "websocket" };
    expect(lines({ status: 426, fields })).to.include("Connection: upgrade");
    expect(lines({ status: 426, fields, connection: CLOSES })).to.include(
      "Connection: upgrade, close",
    );
    expect(lines({ status: 426, fields, connection: KEEPS_ALIVE })).to.include(
      "Connection: upgrade, keep-alive",
    );
  });

  for (const [method, status, version, length, framing] of [
    ["GET", 200, "HTTP/1.1", 5, 5],
    ["GET", 200, "HTTP/1.1", 0, 0],
    ["GET", 200, "HTTP/1.1", -1, CHUNKED],
    ["GET", 200, "HTTP/1.0", -1, UNTIL_CLOSE],
    ["GET", 200, "HTTP/1.0", 5, 5],
    ["HEAD", 200, "HTTP/1.1", 5, 5],
    ["HEAD", 200, "HTTP/1.1", -1, UNSAID],
    ["HEAD", 200, "HTTP/1.0", -1, UNSAID],
    ["GET", 204, "HTTP/1.1", 5, UNSAID],
    ["GET", 304, "HTTP/1.1", -1, UNSAID],
    ["HEAD", 304, "HTTP/1.1", 5, UNSAID],
    ["GET", 205, "HTTP/1.1", -1, 0],
    ["POST", 500, "HTTP/1.1", -1, CHUNKED],
  ] as const) {
    it(`frames ${length} bytes for ${method} in ${version} and ${status} as ${framing}`, () => {
      expect(framingOf(method, status, version, length)).to.equal(framing);
    });
  }

  it("has no body for HEAD, and none in 1xx, 204, 205 and 304", () => {
    expect(hasBody("GET", 200)).to.equal(true);
    expect(hasBody("POST", 404)).to.equal(true);
    expect(hasBody("HEAD", 200)).to.equal(false);
    for (const status of [100, 103, 204, 205, 304])
      expect(hasBody("GET", status), `${status}`).to.equal(false);
  });

  it("reads the length that a resource promises", () => {
    expect(promisedLength(new Headers())).to.equal(-1);
    expect(promisedLength(new Headers({ "Content-Length": "0" }))).to.equal(0);
    expect(promisedLength(new Headers({ "content-length": "9007199254740991" }))).to.equal(
      Number.MAX_SAFE_INTEGER,
    );
  });

  for (const value of ["", "x", "-1", "+1", "1.5", "0x1", "1, 1", "9007199254740992", "Infinity"]) {
    it(`refuses the promise ${JSON.stringify(value)}`, () => {
      expect(() => promisedLength(new Headers({ "Content-Length": value }))).to.throw(
        ProtocolError,
        "Content-Length",
      );
    });
  }

  it("refuses to promise twice", () => {
    const headers = new Headers([
      ["Content-Length", "1"],
      ["Content-Length", "1"],
    ]);
    expect(() => promisedLength(headers)).to.throw(ProtocolError, "Content-Length");
  });

  it("writes informational responses", () => {
    expect(CONTINUE).to.equal("HTTP/1.1 100 Continue\r\n\r\n");
    expect(encodeInformational(100, new Headers())).to.equal(CONTINUE);
    expect(encodeInformational(103, new Headers({ Link: "</a.css>; rel=preload" }))).to.equal(
      "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n",
    );
    expect(encodeInformational(150, new Headers())).to.equal("HTTP/1.1 150 \r\n\r\n");
  });

  for (const status of [99, 101, 200, 100.5, Number.NaN]) {
    it(`refuses ${status} as an informational status`, () => {
      expect(() => encodeInformational(status, new Headers())).to.throw(
        ProtocolError,
        "not an informational",
      );
    });
  }

  it("refuses framing in an informational response", () => {
    for (const name of ["Content-Length", "Transfer-Encoding", "Connection"]) {
      expect(() => encodeInformational(103, new Headers({ [name]: "1" }))).to.throw(
        ProtocolError,
        "frames nothing",
      );
    }
  });
});
