import { expect } from "chai";
import { charsetOf, decodeText } from "../../lib/fields/charset.ts";
import { ProtocolError } from "../../lib/http/protocol-error.ts";

function labelled(charset: string | undefined): string {
  const parameters = new Map(charset === undefined ? [] : [["charset", charset]]);
  return charsetOf({ essence: "text/plain", parameters });
}

describe("fields/charset", () => {
  for (const [label, charset] of [
    [undefined, "utf-8"],
    ["utf-8", "utf-8"],
    ["UTF8", "utf-8"],
    ["US-ASCII", "utf-8"],
    ["ISO-8859-1", "latin1"],
    ["latin1", "latin1"],
  ] as const) {
    it(`takes ${label} as ${charset}`, () => {
      expect(labelled(label)).to.equal(charset);
    });
  }

  for (const label of ["utf-16", "utf-7", "windows-1252", "", "__proto__"]) {
    it(`refuses ${JSON.stringify(label)} with 415`, () => {
      expect(() => labelled(label))
        .to.throw(ProtocolError)
        .that.includes({ status: 415 });
    });
  }

  it("decodes either", () => {
    const bytes = Uint8Array.of(0x61, 0xc3, 0xa9);
    expect(decodeText(bytes)).to.equal("aé");
    expect(decodeText(bytes, "latin1")).to.equal("aÃ©");
    expect(decodeText(bytes.subarray(1, 2), "latin1")).to.equal("Ã");
  });

  it("leaves out a byte order mark", () => {
    expect(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).to.equal("a");
  });

  it("refuses what is not UTF-8 with 400, and decodes what comes next", () => {
    for (const bytes of [[0xff], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80]]) {
      expect(() => decodeText(Uint8Array.from(bytes)))
        .to.throw(ProtocolError)
        .that.includes({ blame: "remote", status: 400 });
      expect(decodeText(Uint8Array.of(0x61))).to.equal("a");
    }
  });
});
