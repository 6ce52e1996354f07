import { expect } from "chai";
import * as fc from "fast-check";
import { Form, parseUrlencoded, type UploadedFile } from "../../lib/fields/form.ts";
import { anyCharacter } from "../support/any-character.ts";

function upload(name: string, filename: string): UploadedFile {
  return {
    name,
    filename,
    type: "text/plain",
    size: 0,
    stream: () => new ReadableStream(),
    bytes: () => Promise.resolve(new Uint8Array()),
    text: () => Promise.resolve(""),
  };
}

describe("fields/form", () => {
  const form = parseUrlencoded("a=1&b=&a=2&__proto__=x&a[b]=3");

  it("gives the first value, or null", () => {
    expect(form.get("a")).to.equal("1");
    expect(form.get("b")).to.equal("");
    expect(form.get("c")).to.be.null;
  });

  it("gives all values, in order", () => {
    expect(form.getAll("a")).to.deep.equal(["1", "2"]);
    expect(form.getAll("c")).to.deep.equal([]);
  });

  it("gives each name once", () => {
    expect(form.names()).to.deep.equal(["a", "b", "__proto__", "a[b]"]);
  });

  it("takes names of Object.prototype as ordinary ones", () => {
    for (const name of ["constructor", "toString", "hasOwnProperty"]) {
      expect(form.get(name), name).to.be.null;
      expect(form.has(name), name).to.be.false;
    }
    expect(form.get("__proto__")).to.equal("x");
    expect(form.has("__proto__")).to.be.true;
    expect(Object.keys(Object.prototype)).to.deep.equal([]);
  });

  it("iterates over all pairs", () => {
    expect([...form]).to.deep.equal([...form.entries()]);
    expect([...form].map(([name]) => name)).to.deep.equal(["a", "b", "a", "__proto__", "a[b]"]);
  });

  it("has the pairs it was written from", () => {
    const pairs = fc.array(
      fc.tuple(fc.string({ unit: anyCharacter }), fc.string({ unit: anyCharacter })),
    );
    fc.assert(
      fc.property(pairs, (list) => {
        const text = new URLSearchParams(list).toString();
        expect([...parseUrlencoded(text)]).to.deep.equal(list);
      }),
    );
  });

  it("keeps files apart from fields", () => {
    const cat = upload("picture", "cat.png");
    const dog = upload("picture", "dog.png");
    const both = new Form([["note", "x"]], [cat, dog]);
    expect(both.files).to.deep.equal([cat, dog]);
    expect(both.file("picture")).to.equal(cat);
    expect(both.file("note")).to.be.undefined;
    expect(both.get("picture")).to.be.null;
    expect(both.has("picture")).to.be.false;
  });

  it("lets go of its files when it is disposed of", async () => {
    let released = 0;
    const release = (): Promise<void> => {
      released++;
      return Promise.resolve();
    };
    await new Form([], [], release).dispose();
    await new Form([], [], release)[Symbol.asyncDispose]();
    await form.dispose();
    expect(released).to.equal(2);
  });
});
