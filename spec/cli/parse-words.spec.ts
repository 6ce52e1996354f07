import { expect } from "chai";
import type { Command } from "../../lib/cli/command.ts";
import { Failure } from "../../lib/cli/failure.ts";
import { parseWords } from "../../lib/cli/parse-words.ts";

const serve: Command = {
  name: "serve",
  summary: "serve",
  operands: [],
  options: {
    path: { type: "string", value: "DIR", help: "the folder" },
    listen: { type: "string", value: "ENDPOINT", multiple: true, help: "where" },
    listing: { type: "boolean", help: "list" },
  },
  run: () => Promise.resolve(0),
};
const copy: Command = { ...serve, name: "copy", operands: ["FROM", "TO"] };

const MISTAKES: readonly (readonly [Command, string, string])[] = [
  [serve, "--pth .", "serve: there is no option --pth; did you mean --path?"],
  [serve, "--verbose", "serve: there is no option --verbose; see weftline serve --help"],
  [serve, "-x", "serve: there is no option -x; see weftline serve --help"],
  [serve, "--toString", "serve: there is no option --toString; see weftline serve --help"],
  [serve, "--path", "serve: Option '--path <value>' argument missing"],
  [serve, "--path --listing", "serve: Option '--path' argument is ambiguous"],
  [serve, "--listing=yes", "serve: Option '--listing' does not take an argument"],
  [serve, "folder", 'serve: takes only options, but was given "folder"; see weftline serve --help'],
  [copy, "a", 'copy: takes FROM TO, but was given "a"; see weftline copy --help'],
  [copy, "", "copy: takes FROM TO, but was given nothing; see weftline copy --help"],
];

const words = (text: string): string[] => text.split(" ").filter((word) => word !== "");

describe("cli/parse-words", () => {
  it("gives what was said", () => {
    const { values } = parseWords(serve, words("--listen a --path=x --listen b --listing"));
    expect(values.one("path")).to.equal("x");
    expect(values.all("listen")).to.deep.equal(["a", "b"]);
    expect(values.has("listing")).to.equal(true);
  });

  it("gives nothing where nothing was said", () => {
    const { values } = parseWords(serve, []);
    expect(values.one("path")).to.equal(undefined);
    expect(values.all("listen")).to.deep.equal([]);
    expect(values.has("listing")).to.equal(false);
  });

  it("takes the last of two where one is meant", () => {
    expect(parseWords(serve, words("--path a --path b")).values.one("path")).to.equal("b");
  });

  it("gives operands in order", () => {
    expect(parseWords(copy, words("a --listing b")).operands).to.deep.equal(["a", "b"]);
  });

  for (const [command, text, message] of MISTAKES) {
    it(`answers "${command.name} ${text}" with: ${message}`, () => {
      expect(() => parseWords(command, words(text)))
        .to.throw(Failure, message)
        .with.property("exitCode", 2);
    });
  }
});
