import { expect } from "chai";
import { Rewrite, type RewriteRule } from "../../lib/resources/rewrite.ts";
import { TestClient } from "../../lib/testing/test-client.ts";
import { HttpError } from "../../lib/web/http-error.ts";
import { logTo } from "../../lib/web/log.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";
import { Site } from "../../lib/web/site.ts";

/** Says where it is. */
class Here extends Resource {
  override render_GET(request: Request): string {
    return JSON.stringify([request.prepath, request.postpath, request.path]);
  }
}

class Leaf extends Here {
  override isLeaf = true;
}

class Later extends Here {
  override async getChild(): Promise<Resource> {
    return Promise.resolve(new Leaf());
  }
}

const tree = (): Resource =>
  new Here()
    .putChild("new", new Here().putChild("page", new Here()))
    .putChild("leaf", new Leaf())
    .putChild("later", new Later());

/** The answer of a tree that is rewritten at /site. */
async function rewritten(path: string, rule: RewriteRule): Promise<string> {
  const root = new Resource().putChild("site", new Rewrite(tree(), rule));
  const site = new Site(root, { log: logTo(() => undefined) });
  const { status, text } = await new TestClient(site).get(`/site${path}`);
  return `${status} ${status === 200 ? text : ""}`;
}

/** Twisted's `alias`. */
const toNew: RewriteRule = ([first, ...rest]) =>
  first === "old" ? ["new", ...rest] : [String(first), ...rest];

describe("resources/rewrite", () => {
  const CASES: readonly (readonly [path: string, rule: RewriteRule, expected: string])[] = [
    ["/old/page", toNew, '200 [["site","new","page"],[],"/site/old/page"]'],
    ["/old/", toNew, '200 [["site","new",""],[],"/site/old/"]'],
    ["/new/page", toNew, '200 [["site","new","page"],[],"/site/new/page"]'],
    ["/old/nothing", toNew, "404 "],
    ["", () => ["leaf", "a"], '200 [["site","leaf"],["a"],"/site"]'],
    ["/x/y", () => [], '200 [["site"],[],"/site/x/y"]'],
    ["/x", () => ["leaf", "a/b", ".."], '200 [["site","leaf"],["a/b",".."],"/site/x"]'],
    ["/x", () => ["later", "child"], '200 [["site","later","child"],[],"/site/x"]'],
  ];

  for (const [path, rule, expected] of CASES) {
    it(`has /site${path} be ${expected}`, async () => {
      expect(await rewritten(path, rule)).to.equal(expected);
    });
  }

  it("gives the rule decoded segments and the request, once", async () => {
    const asked: unknown[] = [];
    await rewritten("/a%2Fb/c%20d/?x=1", (segments, request) => {
      asked.push([segments, request.query.get("x")]);
      return segments;
    });
    expect(asked).to.deep.equal([[["a/b", "c d", ""], "1"]]);
  });

  it("answers what the rule throws", async () => {
    const gone = await rewritten("/x", () => {
      throw new HttpError(410);
    });
    expect(gone).to.equal("410 ");
  });

  for (const wrong of ["new", undefined, [1]]) {
    it(`answers 500 to a rule that gives ${JSON.stringify(wrong)}`, async () => {
      expect(await rewritten("/x", () => wrong as unknown as readonly string[])).to.equal("500 ");
    });
  }

  it("renders nothing for a client that left while a child was promised", async () => {
    let rendered = 0;
    let arrive: ((resource: Resource) => void) | undefined;
    class Slow extends Resource {
      override getChild(): Promise<Resource> {
        return new Promise((resolve) => {
          arrive = resolve;
        });
      }
    }
    class Counting extends Resource {
      override render_GET(): string {
        rendered += 1;
        return "";
      }
    }
    const reply = new TestClient(new Rewrite(new Slow(), (segments) => segments)).get("/child");
    reply.disconnect();
    arrive?.(new Counting());
    await Promise.resolve();
    await Promise.resolve();
    expect(rendered).to.equal(0);
  });
});
