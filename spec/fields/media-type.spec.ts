import { expect } from "chai";
import * as fc from "fast-check";
import { expectMediaType, mediaTypeOf, parseMediaType } from "../../lib/fields/media-type.ts";
import { ProtocolError } from "../../lib/http/protocol-error.ts";
import { cpuTime } from "../support/cpu-time.ts";

describe("fields/media-type", () => {
  const READ: readonly [
    field: string,
    essence: string,
    parameters: Readonly<Record<string, string>>,
  ][] = [
    ["text/html", "text/html", {}],
    ["Text/HTML;Charset=UTF-8", "text/html", { charset: "UTF-8" }],
    ["text/html; charset=utf-8", "text/html", { charset: "utf-8" }],
    [" text/html ; charset=utf-8 ", "text/html", { charset: "utf-8" }],
    ["text/html;", "text/html", {}],
    ["text/html;; a=b;", "text/html", { a: "b" }],
    ['a/b; c="d;\\"e"; f=g', "a/b", { c: 'd;"e', f: "g" }],
    ["application/problem+json", "application/problem+json", {}],
    ["multipart/form-data; boundary=----x'y", "multipart/form-data", { boundary: "----x'y" }],
    ["a/b; __proto__=c", "a/b", { ["__proto__"]: "c" }],
  ];
  for (const [field, essence, parameters] of READ) {
    it(`reads ${JSON.stringify(field)}`, () => {
      const type = parseMediaType(field);
      expect(type?.essence).to.equal(essence);
      expect([...(type?.parameters ?? [])]).to.deep.equal(Object.entries(parameters));
    });
  }

  const ODD = [
    "",
    ";",
    "text",
    "text/",
    "/html",
    "text/html/x",
    "text/ html",
    "text /html",
    "*",
    "text/html, text/plain",
    "application/json\ta",
    "application/json\t",
    "\tapplication/json",
    "application/json a",
    "application/json;a",
    "application/json; a",
    "application/json; a=",
    "application/json; a =b",
    "application/json; a= b",
    "application/json; a=b c",
    "application/json; charset=utf-8, x",
    "a/b; c=d; C=e",
    'a/b; c="d',
    'a/b; c="d"e',
    'a/b; c=d"e"',
    'a/b; c="\u0100"',
    "tëxt/html",
  ];
  for (const field of ODD) {
    it(`finds ${JSON.stringify(field)} odd`, () => {
      expect(parseMediaType(field)).to.be.undefined;
    });
  }

  it("never throws, and takes time in proportion", () => {
    const unit = fc.constantFrom(...'ab/;="\\ \t,'.split(""));
    fc.assert(fc.property(fc.string({ unit }), (field) => void parseMediaType(field)));
    const taken = cpuTime(() => {
      for (const piece of ["; ", ";a=\\", ';a="', '\\"', "a", " "]) {
        parseMediaType(`a/b;x="${piece.repeat(16_384)}`);
        parseMediaType(`a/b${piece.repeat(16_384)}`);
      }
    });
    expect(taken).to.be.below(100);
  });

  const ACCEPTED: readonly [field: string | null, accepted: readonly string[], taken: boolean][] = [
    ["application/json", ["application/json"], true],
    ["Application/JSON; charset=utf-8", ["application/json"], true],
    ["application/ld+json", ["application/json", "+json"], true],
    ["application/json", ["+json"], false],
    ["application/jsonx", ["application/json"], false],
    ["text/plain", ["application/json", "+json"], false],
    ["application/json\ta", ["application/json"], false],
    ["", ["application/json"], false],
    [null, ["application/json"], false],
  ];
  for (const [field, accepted, taken] of ACCEPTED) {
    it(`${taken ? "takes" : "refuses"} ${JSON.stringify(field)} for ${accepted.join(" or ")}`, () => {
      if (taken) expect(expectMediaType(field, accepted)).to.have.property("essence");
      else
        expect(() => expectMediaType(field, accepted))
          .to.throw(ProtocolError)
          .that.includes({ blame: "remote", status: 415 });
    });
  }

  const NAMES: readonly [name: string, type: string][] = [
    ["index.html", "text/html; charset=utf-8"],
    ["INDEX.HTML", "text/html; charset=utf-8"],
    ["a.b.css", "text/css; charset=utf-8"],
    ["a.js", "text/javascript; charset=utf-8"],
    ["a.json", "application/json"],
    ["a.svg", "image/svg+xml"],
    ["a.png", "image/png"],
    ["a.wasm", "application/wasm"],
    ["a.ts", "text/plain; charset=utf-8"],
    ["a.mts", "text/plain; charset=utf-8"],
    ["a.nobody-knows", "application/octet-stream"],
    ["a.", "application/octet-stream"],
    ["html", "application/octet-stream"],
    ["", "application/octet-stream"],
    ["a.constructor", "application/octet-stream"],
    ["a.__proto__", "application/octet-stream"],
    [".html", "text/html; charset=utf-8"],
  ];
  for (const [name, type] of NAMES) {
    it(`finds that ${JSON.stringify(name)} is ${type}`, () => {
      expect(mediaTypeOf(name)).to.equal(type);
    });
  }

  it("asks the overrides first, and sends them as they are", () => {
    const overrides = new Map([["html", "text/x"]]);
    expect(mediaTypeOf("a.HTML", overrides)).to.equal("text/x");
    expect(mediaTypeOf("a.css", overrides)).to.equal("text/css; charset=utf-8");
  });
});
