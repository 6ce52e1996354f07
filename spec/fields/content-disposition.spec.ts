import { expect } from "chai";
import { parseDisposition } from "../../lib/fields/content-disposition.ts";
import { ProtocolError } from "../../lib/http/protocol-error.ts";
import { mutations } from "../support/mutations.ts";

/** Text as a part's head has it: one character a byte. */
function onTheWire(text: string): string {
  return Buffer.from(text).toString("latin1");
}

describe("fields/content-disposition", () => {
  const READ: readonly [field: string, name: string, filename: string | undefined][] = [
    ['form-data; name="a"', "a", undefined],
    ['form-data; name="a b [c]"', "a b [c]", undefined],
    ["Form-Data;NAME=a", "a", undefined],
    ['form-data ;  name="a" ; x=y', "a", undefined],
    ['form-data; name="a"; filename="b.txt"', "a", "b.txt"],
    ['form-data; filename="b.txt"; name="a"', "a", "b.txt"],
    ['form-data; name="a"; filename=""', "a", ""],
    ['form-data; name="naïve"; filename="中.txt"', "naïve", "中.txt"],
    ['form-data; name="a\\"b\\\\c"', 'a"b\\c', undefined],
    ['form-data; name="a;b=c"; filename="d;e"', "a;b=c", "d;e"],
    ['form-data; name="a%22b"', "a%22b", undefined],
    ['form-data; name="a"; filename="/etc/passwd"', "a", "passwd"],
    ['form-data; name="a"; filename="../../x"', "a", "x"],
    ['form-data; name="a"; filename="C:\\x"', "a", "x"],
    ['form-data; name="a"; filename="C:\\\\dir\\\\x.txt"', "a", "x.txt"],
    ['form-data; name="a"; filename=".."', "a", ""],
    ['form-data; name="a"; filename="x/."', "a", ""],
    ['form-data; name="a"; filename="dir/"', "a", ""],
    ['form-data; name="a"; filename="a\tb\u0085c"', "a", "abc"],
    ['form-data; name="a"; filename="b"; filename*=UTF-8\'\'c', "a", "b"],
    [`form-data; name="a"; filename="${"x".repeat(5_000)}"`, "a", "x".repeat(5_000)],
    ['form-data; name="__proto__"', "__proto__", undefined],
  ];
  for (const [field, name, filename] of READ) {
    it(`reads ${JSON.stringify(field.slice(0, 80))}`, () => {
      expect(parseDisposition(onTheWire(field))).to.deep.equal({ name, filename });
    });
  }

  const REFUSED = [
    "",
    "form-data",
    "form-data;",
    "form-data; ",
    "form-data; a=b",
    'attachment; name="a"',
    'form-data, name="a"',
    'form-data; name=""',
    "form-data; name=",
    'form-data; name="a',
    'form-data; name="a"b',
    'form-data; name="a"; name="b"',
    'form-data; name="a"; filename="b"; FILENAME="c"',
    'form-data; filename="b"',
    'form-data; name="a\0"',
    'form-data; name="a\n"',
  ];
  for (const field of REFUSED) {
    it(`does not take ${JSON.stringify(field)}`, () => {
      expect(parseDisposition(field)).to.be.undefined;
    });
  }

  for (const field of ['form-data; name="\xff"', 'form-data; name="a"; filename="\xc0\xaf"']) {
    it(`refuses ${JSON.stringify(field)}, which is not UTF-8, with 400`, () => {
      expect(() => parseDisposition(field))
        .to.throw(ProtocolError)
        .that.includes({ status: 400 });
    });
  }

  it("gives no name with a slash or a control character, whatever is sent", () => {
    const good = [
      'form-data; name="a"; filename="b/c\\d.txt"',
      'form-data; name="e"; filename="C:\\x"',
    ];
    for (const field of mutations(good, 2_000)) {
      try {
        expect(parseDisposition(field)?.filename ?? "").not.to.match(/[/\\\p{Cc}]/u);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
      }
    }
  });
});
