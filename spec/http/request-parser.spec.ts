import { expect } from "chai";
import { END, RequestParser } from "weftline/http";

const GOOD = "GET / HTTP/1.1\r\nHost: example.test\r\n\r\n";

function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "latin1"));
}

describe("http/request-parser", () => {
  it("gives a head, then END, then the next head", () => {
    const parser = new RequestParser();
    parser.feed(bytes(GOOD + GOOD));
    expect(parser.next()).to.include({ method: "GET", path: "/", authority: "example.test" });
    expect(parser.next()).to.equal(END);
    expect(parser.buffered).to.equal(GOOD.length);
    expect(parser.next()).to.include({ method: "GET" });
    expect(parser.next()).to.equal(END);
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

  it("throws the same error again once the protocol was broken", () => {
    const parser = new RequestParser();
    parser.feed(bytes("GET /\r\n"));
    expect(() => parser.next())
      .to.throw("no version")
      .with.property("status", 400);
    parser.feed(bytes(GOOD));
    expect(parser.buffered).to.equal(0);
    expect(() => parser.next())
      .to.throw("no version")
      .with.property("status", 400);
  });
});
