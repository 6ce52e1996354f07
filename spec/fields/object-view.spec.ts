import { expect } from "chai";
import { Form, type UploadedFile } from "../../lib/fields/form.ts";
import { objectOf, objectOfForm } from "../../lib/fields/object-view.ts";

describe("fields/object-view", () => {
  it("has a value for a name that comes once, and an array for one that comes again", () => {
    const view = objectOf(new URLSearchParams("a=1&b=2&a=3&a=4"));
    expect({ ...view }).to.deep.equal({ a: ["1", "3", "4"], b: "2" });
  });

  it("takes names of Object.prototype as ordinary ones", () => {
    const view = objectOf(new URLSearchParams("__proto__=1&constructor=2"));
    expect(Object.getPrototypeOf(view)).to.be.null;
    expect(Object.entries(view)).to.deep.equal([
      ["__proto__", "1"],
      ["constructor", "2"],
    ]);
    expect(view["toString"]).to.be.undefined;
    expect(Object.keys(Object.prototype)).to.deep.equal([]);
  });

  it("has the fields of a form and its files", () => {
    const file: UploadedFile = {
      name: "a",
      filename: "",
      type: "text/plain",
      size: 0,
      stream: () => new ReadableStream(),
      bytes: () => Promise.resolve(new Uint8Array()),
      text: () => Promise.resolve(""),
    };
    const view = objectOfForm(new Form([["a", "1"]], [file, { ...file, name: "b" }]));
    expect(view["a"]).to.deep.equal(["1", file]);
    expect(view["b"]).to.include({ name: "b" });
  });
});
