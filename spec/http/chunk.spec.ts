import { expect } from "chai";
import * as fc from "fast-check";
import { CHUNK_END, chunkHead, END, encodeChunk, LAST_CHUNK, RequestParser } from "weftline/http";

const HEAD = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

/** What a parser finds in a chunked body, and whether it ends. */
function decoded(body: string): { readonly data: string; readonly ended: boolean } {
  const parser = new RequestParser();
  parser.feed(Buffer.from(HEAD + body, "latin1"));
  parser.next();
  let data = "";
  for (let event = parser.next(); event !== undefined; event = parser.next()) {
    if (event === END) return { data, ended: true };
    data += Buffer.from(event as Uint8Array).toString("latin1");
  }
  return { data, ended: false };
}

describe("http/chunk", () => {
  it("writes the length in hexadecimal", () => {
    expect(chunkHead(1)).to.equal("1\r\n");
    expect(chunkHead(26)).to.equal("1a\r\n");
    expect(encodeChunk("abcdefghij")).to.equal("a\r\nabcdefghij\r\n");
  });

  it("makes no chunk of nothing, since that would be the last", () => {
    expect(encodeChunk("")).to.equal("");
    for (const bytes of [0, -1, Number.NaN]) {
      expect(() => chunkHead(bytes)).to.throw(RangeError, "would end the body");
    }
  });

  it("is read back as it was, whatever the pieces", () => {
    const piece = fc
      .uint8Array({ maxLength: 40 })
      .map((bytes) => Buffer.from(bytes).toString("latin1"));
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const body = pieces.map(encodeChunk).join("");
        expect(decoded(body)).to.deep.equal({ data: pieces.join(""), ended: false });
        expect(decoded(body + LAST_CHUNK)).to.deep.equal({ data: pieces.join(""), ended: true });
      }),
    );
  });

  it("is read back when head, data and end are written apart", () => {
    expect(decoded(`${chunkHead(3)}abc${CHUNK_END}${LAST_CHUNK}`)).to.deep.equal({
      data: "abc",
      ended: true,
    });
  });
});
