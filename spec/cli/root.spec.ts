import { mkdirSync } from "node:fs";
import { expect } from "chai";
import { Failure } from "../../lib/cli/failure.ts";
import { parseWords } from "../../lib/cli/parse-words.ts";
import { rootOf } from "../../lib/cli/root.ts";
import type { Values } from "../../lib/cli/values.ts";
import { web } from "../../lib/cli/web.ts";
import { TestClient } from "../../lib/testing/test-client.ts";
import { ScratchFolder } from "../support/scratch-folder.ts";
import { recordingTerminal } from "./recording-terminal.ts";

const MODULE = `import { Resource } from "weftline";
export class Shop extends Resource { isLeaf = true; render_GET() { return "shop"; } }
export const shop = new Shop();
export default shop;
export class Odd extends Resource { constructor() { return {}; } }
export const text = "text";
`;

interface Mistake {
  readonly words: string;
  readonly message: string;
  readonly exitCode?: number;
}

const MISTAKES: readonly Mistake[] = [
  { words: "", message: "web: nothing to serve; give --path DIR or --class MODULE#NAME" },
  { words: "--path . --class app.ts", message: "web: --path or --class, not both" },
  { words: "--path nowhere", message: "web: there is no folder nowhere", exitCode: 1 },
  { words: "--path app.ts", message: "web: there is no folder app.ts", exitCode: 1 },
  {
    words: "--scripts --class app.ts",
    message: "web: --scripts is about a folder: give it with --path",
  },
  { words: "--listing", message: "web: --listing is about a folder: give it with --path" },
  {
    words: "--path . --mime-type wasm",
    message: "web: --mime-type is EXT=TYPE, as in wasm=application/wasm, not wasm",
  },
  {
    words: "--path . --mime-type a/b=text/x",
    message: "web: --mime-type is EXT=TYPE, as in wasm=application/wasm, not a/b=text/x",
  },
  {
    words: "--path . --add-header X",
    message: 'web: --add-header is "NAME: VALUE", as in "X-Frame-Options: DENY", not "X"',
  },
  {
    words: "--path . --add-header X:a\nb",
    message: 'web: --add-header is "NAME: VALUE", as in "X-Frame-Options: DENY", not "X:a\\nb"',
  },
  { words: "--class nowhere.ts", message: "web: there is no module nowhere.ts", exitCode: 1 },
  {
    words: "--class ./app.ts#Shops",
    message:
      "web: ./app.ts exports no resource by the name of Shops, neither an object nor a class",
    exitCode: 1,
  },
  {
    words: "--class ./app.ts#text",
    message: "web: ./app.ts exports no resource by the name of text, neither an object nor a class",
    exitCode: 1,
  },
  {
    words: "--class ./app.ts#Odd",
    message: "web: ./app.ts exports no resource by the name of Odd, neither an object nor a class",
    exitCode: 1,
  },
];

/** These are found before anything is served. */
const MISTAKES_OF_SERVING: readonly (readonly [words: string, message: RegExp])[] = [
  ["--path . --listen udp:1", /^web: endpoint "udp:1": /],
  ["--path . --log-format xml", /^web: --log-format is combined or json, not xml$/],
  [
    "--path . --display-tracebacks --listen tcp:0:interface=0.0.0.0",
    /^web: --display-tracebacks is for this machine only/,
  ],
];

function parsed(text: string): Values {
  return parseWords(
    web,
    text.split(" ").filter((word) => word !== ""),
  ).values;
}

const answer = async (words: string, path: string): Promise<string> => {
  const { status, text } = await new TestClient(await rootOf(parsed(words))).get(path);
  return status === 200 ? text : String(status);
};

describe("cli/root", function () {
  this.timeout(5000); // the translator itself takes a while to load

  let folder: ScratchFolder;
  const home = process.cwd();

  beforeEach(() => {
    folder = new ScratchFolder();
    folder.write("app.ts", MODULE);
    process.chdir(folder.path);
  });

  afterEach(() => {
    process.chdir(home);
    folder.remove();
  });

  for (const { words, message, exitCode = 2 } of MISTAKES) {
    it(`answers "web ${words}" with: ${message}`, async () => {
      const error: unknown = await rootOf(parsed(words)).catch((reason: unknown) => reason);
      expect(error).to.be.an.instanceOf(Failure);
      expect(error).to.include({ message, exitCode });
    });
  }

  for (const [words, message] of MISTAKES_OF_SERVING) {
    it(`answers "web ${words}" with ${message.source}`, async () => {
      const error: unknown = await web
        .run(parsed(words), [], recordingTerminal().terminal)
        .catch((reason: unknown) => reason);
      expect(error).to.be.an.instanceOf(Failure).with.property("exitCode", 2);
      expect((error as Failure).message).to.match(message);
    });
  }

  it("refuses tracebacks in production", async () => {
    const before = process.env["NODE_ENV"];
    process.env["NODE_ENV"] = "production";
    const error: unknown = await web
      .run(parsed("--path . --display-tracebacks"), [], recordingTerminal().terminal)
      .catch((reason: unknown) => reason);
    if (before === undefined) delete process.env["NODE_ENV"];
    else process.env["NODE_ENV"] = before;
    expect((error as Failure).message).to.equal(
      "web: --display-tracebacks is not for production (NODE_ENV)",
    );
  });

  for (const [words, path, expected] of [
    ["--class app.ts", "/", "shop"],
    ["--class ./app.ts#shop", "/a", "shop"],
    ["--class app.ts#Shop", "/", "shop"],
    ["--class installed#Shop", "/", "shop"],
    ["--path site", "/a.html", "<p>a"],
    ["--path site --scripts", "/script", "shop"],
    ["--path site", "/script", "404"],
    ["--path site --index a.html", "/", "<p>a"],
    ["--path site --ignore-ext html", "/a", "<p>a"],
    ["--path site", "/a", "404"],
    ["--path site", "/", "403"],
  ] as const) {
    it(`serves ${expected} at ${path} for "web ${words}"`, async () => {
      folder.write("site/a.html", "<p>a");
      folder.write("site/script.resource.ts", MODULE);
      folder.write(
        "node_modules/installed/package.json",
        '{ "type": "module", "exports": "./index.ts" }',
      );
      folder.write("node_modules/installed/index.ts", MODULE);
      mkdirSync("site/empty");
      expect(await answer(words, path)).to.equal(expected);
    });
  }

  it("sends the fields and the media types that it is told", async () => {
    folder.write("site/a.odd", "odd");
    const root = await rootOf(
      parsed(
        "--path site --mime-type .odd=text/x-odd --add-header X-Served:yes --add-header X-Empty:",
      ),
    );
    const { headers } = await new TestClient(root).get("/a.odd");
    expect(headers.get("content-type")).to.match(/^text\/x-odd/);
    expect(headers.get("x-served")).to.equal("yes");
    expect(headers.get("x-empty")).to.equal("");
  });
});
