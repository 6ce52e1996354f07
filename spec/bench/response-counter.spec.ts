import { expect } from "chai";
import { ResponseCounter } from "../../bench/load/response-counter.ts";

const RESPONSES: readonly [what: string, bytes: string][] = [
  ["a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"],
  ["no body", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"],
  [
    "chunks",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nb\r\n\r\n2\r\n\r\n56789\r\n0\r\n\r\n",
  ],
];

describe("bench/response-counter", () => {
  for (const [what, bytes] of RESPONSES) {
    it(`counts a response with ${what} once, whole or byte by byte`, () => {
      const counter = new ResponseCounter();
      expect(counter.feed(Buffer.from(bytes))).to.equal(1);
      const single = Array.from(bytes, (byte) => counter.feed(Buffer.from(byte)));
      expect(single.reduce((sum, ended) => sum + ended)).to.equal(1);
      expect(single.at(-1)).to.equal(1);
      expect(counter.failures).to.equal(0);
    });
  }

  it("counts responses that come together", () => {
    const all = RESPONSES.map(([, bytes]) => bytes).join("");
    expect(new ResponseCounter().feed(Buffer.from(all.repeat(3)))).to.equal(9);
  });

  it("counts as a failure what is not 2xx", () => {
    const counter = new ResponseCounter();
    counter.feed(Buffer.from("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
    expect(counter.failures).to.equal(1);
  });
});
