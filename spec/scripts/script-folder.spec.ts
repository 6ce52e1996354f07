import { rmSync, symlinkSync } from "node:fs";
import { expect } from "chai";
import { ScriptFolder } from "../../lib/scripts/script-folder.ts";
import { Scripts } from "../../lib/scripts/scripts.ts";
import { TestClient } from "../../lib/testing/test-client.ts";
import { logTo } from "../../lib/web/log.ts";
import type { Request } from "../../lib/web/request.ts";
import { NO_RESOURCE, Resource } from "../../lib/web/resource.ts";
import { Site } from "../../lib/web/site.ts";
import { ScratchFolder } from "../support/scratch-folder.ts";

/** A script that answers with `text`, an expression in which `request` is known. */
function script(text: string): string {
  return `import { Resource } from "weftline";
class Saying extends Resource {
  isLeaf = true;
  render_GET(request) { return ${text}; }
}
export default new Saying();
`;
}

/** What is there beside the scripts: answers with the path that it was asked for. */
class Otherwise extends Resource {
  override getChild(): Resource {
    return new Otherwise();
  }
  override render_GET({ path }: Request): string {
    return `otherwise ${path}`;
  }
}

/** A script that counts in the registry how often it was loaded. */
function counting(comment: string): string {
  const counted = script("`${this.n}`")
    .replace("isLeaf = true;", "isLeaf = true; constructor(n) { super(); this.n = n; }")
    .replace("export default new Saying();", "");
  return `${counted}// ${comment}
export default ({ registry }) => {
  registry.set("n", (registry.get("n") ?? 0) + 1);
  return new Saying(registry.get("n"));
};
`;
}

const SPELLINGS = [
  "/hello.resource.ts",
  "/hello.resource.ts/",
  "/hello%2eresource%2ets",
  "/hello.resource%2Ets",
  "/HELLO.RESOURCE.TS",
  "/hello.resource.ts~",
  "/hello.resource.ts.bak",
  "/hello.resource.ts%20",
  "/hello.resource.ts.",
  "/hello.resource.ts::$DATA",
  "/sub/inner.resource.mjs",
];

describe("scripts/script-folder", function () {
  this.timeout(5000); // the translator itself takes a while to load

  let folder: ScratchFolder;
  let client: TestClient;
  let errors: string[];

  beforeEach(() => {
    folder = new ScratchFolder();
    errors = [];
    const log = logTo((line) => {
      errors.push(line);
    });
    const root = new ScriptFolder(folder.path, new Otherwise());
    client = new TestClient(new Site(root, { log }));
  });

  afterEach(() => {
    folder.remove();
  });

  const answer = async (path: string): Promise<string> => {
    const { status, text } = await client.get(path);
    return status === 200 ? text : String(status);
  };

  for (const extension of ["ts", "js", "mjs"]) {
    it(`answers for hello.resource.${extension} at /hello`, async () => {
      folder.write(`hello.resource.${extension}`, script('"hello"'));
      expect(await answer("/hello")).to.equal("hello");
    });
  }

  it("prefers .ts to .js to .mjs", async () => {
    for (const extension of ["mjs", "js", "ts"]) {
      folder.write(`hello.resource.${extension}`, script(`"${extension}"`));
      expect(await answer("/hello")).to.equal(extension);
    }
  });

  it("leaves the rest of the path to the resource", async () => {
    folder.write("hello.resource.ts", script('request.postpath.join("|")'));
    expect(await answer("/hello/a%2Fb/c/")).to.equal("a/b|c|");
  });

  it("goes on into the children of the resource", async () => {
    folder.write(
      "tree.resource.ts",
      script('"child"').replace(
        "export default new Saying()",
        'export default new Resource().putChild("a", new Saying())',
      ),
    );
    expect(await answer("/tree/a")).to.equal("child");
    expect(await answer("/tree/b")).to.equal("404");
  });

  it("leaves everything else to the other resource", async () => {
    expect(await answer("/nothing/here")).to.equal("otherwise /nothing/here");
    expect(await answer("/")).to.equal("otherwise /");
  });

  it("answers for a folder with its index", async () => {
    folder.write("index.resource.ts", script('"top"'));
    folder.write("sub/index.resource.ts", script('"below"'));
    expect(await answer("/")).to.equal("top");
    expect(await answer("/sub/")).to.equal("below");
    expect(await answer("/sub")).to.equal("otherwise /sub");
  });

  it("finds scripts in folders, whatever the other resource has there", async () => {
    folder.write("a/b/hello.resource.ts", script('"deep"'));
    expect(await answer("/a/b/hello")).to.equal("deep");
    expect(await answer("/a/b/other")).to.equal("otherwise /a/b/other");
    const bare = new TestClient(new ScriptFolder(folder.path, new Resource()));
    expect((await bare.get("/a/b/hello")).text).to.equal("deep");
    const slow = new Resource();
    slow.getChild = () => Promise.resolve(NO_RESOURCE);
    expect(
      (await new TestClient(new ScriptFolder(folder.path, slow)).get("/a/b/hello")).text,
    ).to.equal("deep");
  });

  it("leaves a folder to another resource that takes the rest of the path", async () => {
    folder.write("a/hello.resource.ts", script('"hidden"'));
    const taker = new Otherwise();
    taker.isLeaf = true;
    const taken = new TestClient(
      new ScriptFolder(folder.path, new Resource().putChild("a", taker)),
    );
    expect((await taken.get("/a/hello")).text).to.equal("otherwise /a/hello");
  });

  for (const path of SPELLINGS) {
    it(`does not show a source as ${path}`, async () => {
      folder.write("hello.resource.ts", script('"hello"'));
      folder.write("sub/inner.resource.mjs", script('"inner"'));
      const { status, text } = await client.get(path);
      expect(status).to.equal(404);
      expect(text).not.to.include("import");
    });
  }

  it("does not run what is hidden or outside", async () => {
    const outside = new ScratchFolder();
    const target = outside.write("out.resource.ts", script('"out"'));
    folder.write(".git/hello.resource.ts", script('"hidden"'));
    folder.write(".hello.resource.ts", script('"hidden"'));
    folder.write("real.resource.ts", script('"real"'));
    symlinkSync(target, `${folder.path}/linked.resource.ts`);
    symlinkSync(outside.path, `${folder.path}/sub`);
    symlinkSync("real.resource.ts", `${folder.path}/inside.resource.ts`);
    for (const path of ["/.git/hello", "/.hello", "/linked", "/sub/out"]) {
      expect(await answer(path)).to.equal(`otherwise ${path}`);
    }
    expect(await answer("/inside")).to.equal("real");
    outside.remove();
  });

  it("takes an edit at the next request", async () => {
    folder.write("hello.resource.ts", script('"one"'));
    expect(await answer("/hello")).to.equal("one");
    folder.write("hello.resource.ts", script('"two, edited"'));
    expect(await answer("/hello")).to.equal("two, edited");
  });

  it("takes an edit of what a script imports at the next request", async () => {
    folder.write("text.ts", 'export const text = "one";');
    folder.write("hello.resource.ts", `import { text } from "./text.ts";\n${script("text")}`);
    expect(await answer("/hello")).to.equal("one");
    folder.write("text.ts", 'export const text = "two, edited";');
    expect(await answer("/hello")).to.equal("two, edited");
  });

  it("keeps an unchanged resource, and answers with it in the same call", async () => {
    folder.write("count.resource.ts", `let count = 0;\n${script("String(++count)")}`);
    expect(await answer("/count")).to.equal("1");
    expect(client.get("/count").text).to.equal("2");
  });

  it("takes an edit that comes while the script is loaded", async () => {
    folder.write("part.ts", 'export const part = "old";');
    folder.write(
      "hello.resource.ts",
      `import { part } from "./part.ts";\nawait globalThis.weftlineSpecGate;\n${script("part")}`,
    );
    let open: (() => void) | undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    Reflect.set(globalThis, "weftlineSpecGate", gate);
    const first = client.get("/hello");
    await new Promise((resolve) => {
      setTimeout(resolve, 50); // it has read both files by then; if not, the spec still holds
    });
    folder.write("part.ts", 'export const part = "edited";');
    const second = client.get("/hello");
    open?.();
    expect([(await first).text, (await second).text]).to.deep.equal(["edited", "edited"]);
    Reflect.deleteProperty(globalThis, "weftlineSpecGate");
  });

  it("loads once for all who come at first", async () => {
    folder.write(
      "once.resource.ts",
      `globalThis.weftlineSpecLoads = (globalThis.weftlineSpecLoads ?? 0) + 1;\n${script("String(weftlineSpecLoads)")}`,
    );
    const texts = await Promise.all([1, 2, 3].map(() => answer("/once")));
    Reflect.deleteProperty(globalThis, "weftlineSpecLoads");
    expect(texts).to.deep.equal(["1", "1", "1"]);
  });

  it("answers 500 for a broken script, names file and line in the log, and serves the mended one", async () => {
    folder.write("hello.resource.ts", "export default new Nobody;\n\nconst = 3;\n");
    const { status, text } = await client.get("/hello");
    expect(status).to.equal(500);
    expect(text).not.to.include("hello.resource.ts");
    expect(errors).to.have.length(1);
    expect(errors[0]).to.match(/hello\.resource\.ts:3:6/);
    folder.write("hello.resource.ts", script('"mended"'));
    expect(await answer("/hello")).to.equal("mended");
  });

  it("never falls back to what was there before the script was broken", async () => {
    folder.write("hello.resource.ts", script('"one"'));
    expect(await answer("/hello")).to.equal("one");
    folder.write("hello.resource.ts", 'throw new Error("broken");');
    expect([await answer("/hello"), await answer("/hello")]).to.deep.equal(["500", "500"]);
  });

  it("serves a script that is mended elsewhere", async () => {
    folder.write("hello.resource.ts", `import { part } from "./part.ts";\n${script("part")}`);
    expect(await answer("/hello")).to.equal("500");
    folder.write("part.ts", 'export const part = "mended";');
    expect(await answer("/hello")).to.equal("mended");
  });

  it("forgets a script that was removed", async () => {
    const path = folder.write("hello.resource.ts", script('"one"'));
    expect(await answer("/hello")).to.equal("one");
    rmSync(path);
    expect(await answer("/hello")).to.equal("otherwise /hello");
  });

  const WRONG: Readonly<Record<string, string>> = {
    "export const a = 1;": "its default export is undefined",
    "export default () => null;": "the function it exports gave null",
    'export default "text";': "its default export is text",
    "export default { a: 1 };": "its default export is an object of Object",
    "export default Object.create(null);": "its default export is an object of no class",
    "export default () => 3;": "the function it exports gave 3",
    'import { Resource } from "weftline"; export default class Mine extends Resource {}':
      "its default export is the class Mine, not an instance of it",
  };

  for (const [text, message] of Object.entries(WRONG)) {
    it(`says of ${text} in one line: ${message}`, async () => {
      folder.write("hello.resource.ts", text);
      expect(await answer("/hello")).to.equal("500");
      expect(errors[0]?.split("\n")[1]).to.equal(
        `[TypeError: ${folder.path}/hello.resource.ts: ${message}, but should give a Resource]`,
      );
    });
  }

  it("asks a function for the resource, and gives it the path and the registry", async () => {
    const registry = new Map<string, unknown>([["greeting", "hail"]]);
    const scripts = new Scripts(folder.path, { registry });
    const shared = new TestClient(new ScriptFolder(folder.path, new Resource(), scripts));
    const made = script("`${registry.get('greeting')} from ${path}`").replace(
      "export default new Saying();",
      "",
    );
    folder.write(
      "a.resource.ts",
      `let path, registry;\n${made}export default async (context) => { ({ path, registry } = context); registry.set("a", 1); return new Saying(); };`,
    );
    expect((await shared.get("/a")).text).to.equal(`hail from ${folder.path}/a.resource.ts`);
    expect(registry.get("a")).to.equal(1);
  });

  it("keeps the registry when a script is edited, and shares it among scripts", async () => {
    folder.write("a.resource.ts", counting("one"));
    folder.write("b.resource.ts", counting("one"));
    expect(await answer("/a")).to.equal("1");
    expect(await answer("/b")).to.equal("2");
    folder.write("a.resource.ts", counting("edited"));
    expect(await answer("/a")).to.equal("3");
  });

  it("refuses a root that is not there", () => {
    expect(() => new ScriptFolder(`${folder.path}/nowhere`, new Resource())).to.throw("ENOENT");
  });
});
