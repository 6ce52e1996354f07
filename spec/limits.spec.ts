import { readFileSync } from "node:fs";
import { expect } from "chai";
import { DEFAULT_CHANNEL_LIMITS } from "../lib/channel/limits.ts";
import { DEFAULT_TIMEOUTS } from "../lib/channel/timeouts.ts";
import { openFileLimit } from "../lib/transport/open-files.ts";
import { DEFAULT_LIMITS } from "../lib/web/limits.ts";

const PAGE = readFileSync("docs/reference/limits.md", "utf8");

/** The first two columns of all tables whose first one is a name in code. */
const ROWS = new Map(
  [...PAGE.matchAll(/^\| `(\w+)` \| ([\d,]+|off) \|/gm)].map(([, name = "", figure = ""]) => [
    name,
    figure === "off" ? 0 : Number(figure.replaceAll(",", "")),
  ]),
);

describe("limits", () => {
  it("are on their page, each with its figure, and no others", () => {
    const { maxConnections, ...limits } = DEFAULT_LIMITS;
    const { maxConnections: shown, ...page } = Object.fromEntries(ROWS);
    expect(page).to.deep.equal({ ...limits, ...DEFAULT_TIMEOUTS });
    expect(shown).to.equal(16_384);
    expect(maxConnections).to.equal(Math.min(16_384, Math.max(1, openFileLimit() - 64)));
  });

  it("of the channel are those of a site", () => {
    expect(DEFAULT_LIMITS).to.include(DEFAULT_CHANNEL_LIMITS);
  });
});
