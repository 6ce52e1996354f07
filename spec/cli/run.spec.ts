import { expect } from "chai";
import { COMMANDS, run } from "../../lib/cli/run.ts";
import { version } from "../../lib/cli/version.ts";
import { recordingTerminal } from "./recording-terminal.ts";

interface Case {
  readonly words: string;
  readonly exitCode: number;
  readonly out?: RegExp;
  readonly err?: RegExp;
}

const CASES: readonly Case[] = [
  { words: "", exitCode: 2, err: /^Usage: weftline COMMAND/ },
  { words: "--help", exitCode: 0, out: /^Usage: weftline COMMAND/ },
  { words: "-h", exitCode: 0, out: /^Usage: weftline COMMAND/ },
  { words: "help", exitCode: 0, out: /^Usage: weftline COMMAND/ },
  { words: "--version", exitCode: 0, out: /^\d+\.\d+\.\d+\n$/ },
  { words: "-V", exitCode: 0, out: /^\d+\.\d+\.\d+\n$/ },
  { words: "web --help", exitCode: 0, out: /^Usage: weftline web \[OPTIONS\]/ },
  { words: "init -h", exitCode: 0, out: /^Usage: weftline init DIR\n/ },
  { words: "wbe", exitCode: 2, err: /^weftline has no command wbe; did you mean web\?\n$/ },
  { words: "serve", exitCode: 2, err: /^weftline has no command serve; see weftline --help\n$/ },
  {
    words: "web --pth .",
    exitCode: 2,
    err: /^weftline web: there is no option --pth; did you mean --path\?\n$/,
  },
  { words: "init", exitCode: 2, err: /^weftline init: takes DIR, but was given nothing; .*\n$/ },
];

describe("cli/run", () => {
  for (const { words, exitCode, out = /^$/, err = /^$/ } of CASES) {
    it(`"weftline ${words}" exits with ${exitCode} and says ${out.source + err.source}`, async () => {
      const recorded = recordingTerminal();
      const given = words.split(" ").filter((word) => word !== "");
      expect(await run(given, recorded.terminal)).to.equal(exitCode);
      expect(recorded.out()).to.match(out);
      expect(recorded.err()).to.match(err);
    });
  }

  it("knows its version", () => {
    expect(version()).to.match(/^\d+\.\d+\.\d+/);
  });

  it("throws on what is no Failure", async () => {
    const { terminal } = recordingTerminal();
    terminal.print = () => {
      throw new RangeError("broken");
    };
    const error: unknown = await run(["--version"], terminal).catch((reason: unknown) => reason);
    expect(error).to.be.an.instanceOf(RangeError);
  });

  for (const { name, options } of COMMANDS) {
    it(`gives every option of ${name} a name, a value and a sentence that the help text can show`, () => {
      for (const [option, { type, value, help }] of Object.entries(options)) {
        expect(option).to.match(/^[a-z]+(-[a-z]+)*$/);
        expect(help).not.to.match(/\.$/);
        expect(value !== undefined, option).to.equal(type === "string");
      }
    });
  }
});
