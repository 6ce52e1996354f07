import { readFileSync } from "node:fs";
import { expect } from "chai";
import { markdownTable } from "../../lib/cli/help.ts";
import { COMMANDS } from "../../lib/cli/run.ts";

const MANUAL = readFileSync("docs/reference/command.md", "utf8");

describe("docs/reference/command.md", () => {
  for (const command of COMMANDS) {
    it(`has a chapter about ${command.name}`, () => {
      expect(MANUAL).to.include(`\n## weftline ${[command.name, ...command.operands].join(" ")}\n`);
    });

    if (Object.keys(command.options).length > 0) {
      it(`has the table of the options of ${command.name} as it is`, () => {
        expect(MANUAL).to.include(`\n${markdownTable(command)}\n`);
      });
    }
  }
});
