import { expect } from "chai";
import type { Command } from "../../lib/cli/command.ts";
import { helpText, markdownTable, overview } from "../../lib/cli/help.ts";

const serve: Command = {
  name: "serve",
  summary: "serve a folder",
  operands: ["DIR"],
  options: {
    index: {
      type: "string",
      value: "NAME",
      multiple: true,
      default: "index.html",
      help: "answer for a folder",
    },
    "a-rather-long-name": { type: "string", value: "THIS|THAT", help: "choose" },
    listing: { type: "boolean", help: "list folders" },
    wordy: { type: "boolean", help: "word ".repeat(16).trim() },
  },
  run: () => Promise.resolve(0),
};

describe("cli/help", () => {
  it("lists the commands", () => {
    expect(overview([serve])).to.include("  serve DIR               serve a folder\n");
  });

  it("lists the options of a command, a long one on a line of its own", () => {
    expect(helpText(serve)).to.equal(`Usage: weftline serve DIR [OPTIONS]

Will serve a folder.

Options:
  --index NAME            answer for a folder (may be repeated); default index.html
  --a-rather-long-name THIS|THAT
                          choose
  --listing               list folders
  --wordy                 word word word word word word word word word word word word word word word
                          word
  --help                  print this`);
  });

  it("does without options", () => {
    expect(helpText({ ...serve, options: {} })).to.include("Usage: weftline serve DIR\n");
  });

  it("makes a table of them for the manual", () => {
    expect(markdownTable(serve)).to.equal(`| option | |
| --- | --- |
| \`--index NAME\` | answer for a folder (may be repeated); default index.html |
| \`--a-rather-long-name THIS\\|THAT\` | choose |
| \`--listing\` | list folders |
| \`--wordy\` | ${"word ".repeat(16).trim()} |`);
  });
});
