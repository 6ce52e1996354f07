import { expect } from "chai";
import * as fc from "fast-check";
import { Headers } from "weftline/http";

/** Field lines as they come in a request, with the empty line after them. */
const BLOCK = "Host: a\r\nX-One:  1 \r\nx-one: 2\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n";

const NOT_NAMES = [
  "",
  " ",
  "a b",
  "a:",
  ":a",
  "a\r",
  "a\n",
  "é",
  "a\0",
  "a,b",
  "(a)",
  '"a"',
  "a/b",
];
const NOT_VALUES = [
  "\r",
  "a\nb",
  "a\r\nX: y",
  "\0",
  "a\x01",
  "a\x1f",
  "a\x7f",
  "\u0100",
  "a\r\n b",
  "\n",
];

describe("http/headers", () => {
  it("finds a field by its name in any case", () => {
    const headers = new Headers({ "Content-Type": "text/plain" });
    expect(headers.get("content-TYPE")).to.equal("text/plain");
    expect(headers.has("CONTENT-type")).to.equal(true);
    expect(headers.get("content-length")).to.equal(null);
    expect(headers.has("content-length")).to.equal(false);
  });

  it("keeps the names and the order of the wire", () => {
    const headers = new Headers([["X-B", "1"]]);
    headers.append("x-A", "2");
    headers.append("X-b", "3");
    expect(headers.lines()).to.equal("X-B: 1\r\nx-A: 2\r\nX-b: 3\r\n");
    expect(headers.lines("x-b")).to.equal("x-A: 2\r\n");
    expect(headers.size).to.equal(3);
  });

  it("copies fields, and neither sees a change of the other", () => {
    const one = new Headers({ A: "1", Host: "h" });
    const other = one.copy();
    expect([other.lines(), other.marks]).to.deep.equal([one.lines(), one.marks]);
    other.set("A", "2");
    one.append("B", "3");
    expect(one.lines()).to.equal("A: 1\r\nHost: h\r\nB: 3\r\n");
    expect(other.lines()).to.equal("A: 2\r\nHost: h\r\n");
    expect(one.copy().lines("host")).to.equal("A: 1\r\nB: 3\r\n");
    other.delete("host");
    expect(other.copy().size).to.equal(1);
    const received = Headers.fromBlock(BLOCK).copy();
    received.set("X-One", "4");
    expect(received.get("x-one")).to.equal("4");
  });

  it("puts what is set in the place of all fields of that name", () => {
    const headers = new Headers([
      ["a", "1"],
      ["B", "2"],
      ["A", "3"],
      ["a", "4"],
    ]);
    headers.set("a", "5");
    expect(headers.lines()).to.equal("a: 5\r\nB: 2\r\n");
  });

  it("deletes all fields of a name, and nothing where there is none", () => {
    const headers = new Headers([
      ["a", "1"],
      ["b", "2"],
      ["A", "3"],
    ]);
    headers.delete("A");
    headers.delete("c");
    expect(headers.lines()).to.equal("b: 2\r\n");
  });

  it("joins values by a comma, but for Set-Cookie when asked", () => {
    const headers = Headers.fromBlock(BLOCK);
    expect(headers.get("x-one")).to.equal("1, 2");
    expect(headers.getSetCookie()).to.deep.equal(["a=1", "b=2"]);
    expect(headers.get("set-cookie")).to.equal("a=1, b=2");
  });

  it("reads the fields of a request when they are asked for, in any of its ways", () => {
    expect(Headers.fromBlock(BLOCK).size).to.equal(5);
    expect(Headers.fromBlock(BLOCK).has("host")).to.equal(true);
    expect(Headers.fromBlock(BLOCK).lines()).to.equal(
      "Host: a\r\nX-One: 1\r\nx-one: 2\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n",
    );
    expect([...Headers.fromBlock(BLOCK).keys()]).to.deep.equal([
      "host",
      "set-cookie",
      "set-cookie",
      "x-one",
    ]);
    expect([...Headers.fromBlock("\r\n")]).to.deep.equal([]);
  });

  it("answers the first questions about a request as it answers the later ones", () => {
    const headers = Headers.fromBlock(BLOCK);
    for (let asked = 0; asked < 6; asked++) {
      expect(headers.get("X-ONE"), `${asked}`).to.equal("1, 2");
      expect(headers.get("x-on"), `${asked}`).to.equal(null);
      expect(headers.has("Host"), `${asked}`).to.equal(true);
      expect(headers.has("ost"), `${asked}`).to.equal(false);
    }
  });

  it("refuses to change the fields of a request", () => {
    const headers = Headers.fromBlock(BLOCK);
    expect(() => {
      headers.set("a", "b");
    }).to.throw(TypeError, "cannot be changed");
    expect(() => {
      headers.append("a", "b");
    }).to.throw(TypeError, "cannot be changed");
    expect(() => {
      headers.delete("host");
    }).to.throw(TypeError, "cannot be changed");
    expect(headers.get("host")).to.equal("a");
  });

  for (const name of NOT_NAMES) {
    it(`refuses the name ${JSON.stringify(name)}`, () => {
      const headers = new Headers();
      expect(() => {
        headers.set(name, "x");
      }).to.throw(TypeError, "not a field name");
      expect(() => {
        headers.append(name, "x");
      }).to.throw(TypeError, "not a field name");
      expect(() => headers.get(name)).to.throw(TypeError, "not a field name");
      expect(() => new Headers([[name, "x"]])).to.throw(TypeError, "not a field name");
      expect(headers.size).to.equal(0);
    });
  }

  for (const value of NOT_VALUES) {
    it(`refuses the value ${JSON.stringify(value)} without repeating it`, () => {
      const headers = new Headers();
      for (const change of ["set", "append"] as const) {
        expect(() => {
          headers[change]("x-name", value);
        })
          .to.throw(TypeError, "field x-name")
          .with.property("message")
          .that.does.not.include(value);
      }
      expect(headers.size).to.equal(0);
    });
  }

  it("never repeats control characters of a name", () => {
    expect(() => new Headers([["a\r\nb", "x"]])).to.throw(TypeError, String.raw`"a\r\nb"`);
  });

  it("takes the white space off around a value, which is SP and HTAB alone", () => {
    expect(new Headers({ a: " \t b \t" }).get("a")).to.equal("b");
    expect(new Headers({ a: "\u00a0b\u00a0" }).get("a")).to.equal("\u00a0b\u00a0");
  });

  it("takes a number from a caller without types", () => {
    const headers = new Headers();
    // @ts-expect-error -- as such a caller does
    headers.set("a", 5);
    expect(headers.get("a")).to.equal("5");
  });

  it("treats names of objects as ordinary", () => {
    const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"];
    const headers = new Headers();
    for (const name of names) expect(headers.has(name), name).to.equal(false);
    for (const name of names) headers.set(name, "x");
    for (const name of names) expect(headers.get(name), name).to.equal("x");
    expect(headers.size).to.equal(names.length);
    expect(({} as Record<string, unknown>)["x"]).to.equal(undefined);
  });

  it("goes on when a program makes up more names than are remembered", () => {
    const headers = new Headers();
    for (let at = 0; at < 2_500; at++) headers.append(`X-${at}`, "y");
    expect(headers.size).to.equal(2_500);
    expect(headers.get("x-0")).to.equal("y");
  });

  it("visits each pair with itself as the last argument", () => {
    const headers = new Headers({ B: "2", a: "1" });
    const seen: unknown[] = [];
    headers.forEach((value, name, all) => {
      seen.push([name, value, all === headers]);
    });
    expect(seen).to.deep.equal([
      ["a", "1", true],
      ["b", "2", true],
    ]);
    expect([...headers.values()]).to.deep.equal(["1", "2"]);
  });

  it("marks the fields that a sender looks at, until they are deleted", () => {
    const headers = new Headers({ "Content-Length": "1", connection: "x" });
    const both = headers.marks;
    headers.delete("CONNECTION");
    const one = headers.marks;
    headers.delete("content-length");
    expect(both).to.be.greaterThan(one);
    expect(one).to.be.greaterThan(0);
    expect(headers.marks).to.equal(0);
    expect(Headers.fromBlock("Content-Length: 1\r\n\r\n").marks).to.equal(one);
  });

  it("does what the global Headers does", () => {
    const name = fc.constantFrom(
      "a",
      "A",
      "b",
      "B-c",
      "set-cookie",
      "Set-Cookie",
      "__proto__",
      "x_Y",
    );
    const value = fc.string({
      unit: fc.constantFrom("a", "B", " ", "\t", ",", ";", "\xe9", "\xff", "0"),
    });
    const change = fc.record({ kind: fc.constantFrom("set", "append", "delete"), name, value });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        const ours = new Headers();
        const theirs = new globalThis.Headers();
        for (const { kind, name: key, value: text } of changes) {
          if (kind === "delete") {
            ours.delete(key);
            theirs.delete(key);
          } else {
            ours[kind](key, text);
            theirs[kind](key, text);
          }
        }
        expect([...ours]).to.deep.equal([...theirs]);
        expect([...ours.keys()]).to.deep.equal([...theirs.keys()]);
        expect(ours.getSetCookie()).to.deep.equal(theirs.getSetCookie());
        for (const { name: key } of changes) {
          expect(ours.get(key)).to.equal(theirs.get(key));
          expect(ours.has(key)).to.equal(theirs.has(key));
        }
        for (const { name: key } of changes) {
          expect(Headers.fromBlock(`${ours.lines()}\r\n`).get(key)).to.equal(theirs.get(key));
        }
        expect([...Headers.fromBlock(`${ours.lines()}\r\n`)]).to.deep.equal([...ours]);
      }),
    );
  });
});
