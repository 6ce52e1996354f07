import { expect } from "chai";
import { nearest } from "../../lib/cli/nearest.ts";

const NAMES = ["path", "listen", "listing", "log-format", "add-header", "class"];

const CASES: readonly (readonly [string, string | undefined])[] = [
  ["lsten", "listen"],
  ["listne", "listen"],
  ["listin", "listing"],
  ["pth", "path"],
  ["paht", "path"],
  ["paths", "path"],
  ["log", "log-format"],
  ["add", "add-header"],
  ["header", undefined],
  ["verbose", undefined],
  ["p", undefined],
  ["", undefined],
];

describe("cli/nearest", () => {
  for (const [word, name] of CASES) {
    it(`takes "${word}" for ${name ?? "no name"}`, () => {
      expect(nearest(word, NAMES)).to.equal(name);
    });
  }
});
