import { expect } from "chai";
import { bareHoles } from "../../lib/resources/html-holes.ts";

function holes(strings: TemplateStringsArray, ...values: readonly unknown[]): readonly number[] {
  expect(strings.length).to.equal(values.length + 1);
  return [...(bareHoles(strings) ?? [])];
}

describe("resources/html-holes", () => {
  const x = 0;
  const CASES: readonly [what: string, found: readonly number[], bare: readonly number[]][] = [
    ["none", holes`<p></p>`, []],
    ["text", holes`<p>${x}</p>${x}`, []],
    ["text after a doctype", holes`<!doctype html><p>${x}`, []],
    ["text with signs", holes`a < b "${x}" = ${x} > '${x}`, []],
    ["quoted attributes", holes`<a href="${x}" title='${x}-${x}'>${x}</a>`, []],
    ["quotes in the other quotes", holes`<a title="it's ${x}" alt='"${x}'>`, []],
    ["a tag sign in quotes", holes`<a title=">${x}">${x}`, []],
    ["an unquoted attribute", holes`<a href=${x}>${x}</a>`, [0]],
    ["an unquoted attribute, begun", holes`<a href=/x/${x}>`, [0]],
    ["a tag", holes`<input ${x}>`, [0]],
    ["the name of an element", holes`<${x}>${x}</${x}>`, [0, 2]],
    ["a part of its name", holes`<h${x}>${x}</h${x}>`, [0, 2]],
    ["a comment", holes`<!-- ${x} > -->${x}`, [0]],
    ["a script", holes`<script>${x} "${x}" <b>${x}</script>${x}`, [0, 1, 2]],
    ["a script with attributes", holes`<SCRIPT type="module" src="${x}">${x}</SCRIPT >${x}`, [1]],
    ["a style", holes`<style>p { color: ${x} }</style><p>${x}</p>`, [0]],
    ["what only begins like a script", holes`<scripts>${x}</scripts>`, []],
    ["a title", holes`<title>${x}</title>`, []],
  ];
  for (const [what, found, bare] of CASES) {
    it(`finds ${JSON.stringify(bare)} bare in ${what}`, () => {
      expect(found).to.deep.equal(bare);
    });
  }

  it("reads each template once", () => {
    const strings = ["<a href=", ">"];
    const first = bareHoles(strings);
    strings.fill("");
    expect(bareHoles(strings)).to.equal(first);
    expect([...(first ?? [])]).to.deep.equal([0]);
  });
});
