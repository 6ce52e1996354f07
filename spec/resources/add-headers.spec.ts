import { expect } from "chai";
import { AddHeaders } from "../../lib/resources/add-headers.ts";
import { TestClient } from "../../lib/testing/test-client.ts";
import { logTo } from "../../lib/web/log.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";
import { Site } from "../../lib/web/site.ts";

class Page extends Resource {
  override render_GET(request: Request): string {
    const header = request.query.get("own");
    if (header !== null) request.setHeader("X-Added", header);
    return "page";
  }

  override render_POST(): string {
    throw new Error("broken");
  }
}

class Leaf extends Page {
  override isLeaf = true;
}

const added = async (root: Resource, method: string, path: string): Promise<string> => {
  const wrapped = new AddHeaders(root, [
    ["X-Added", "one"],
    ["X-Added", "two"],
  ]);
  const site = new Site(wrapped, { log: logTo(() => undefined) });
  const { status, headers } = await new TestClient(site).request(method, path);
  return `${status} ${headers.get("x-added")}`;
};
const tree = (): Resource => new Page().putChild("child", new Page()).putChild("leaf", new Leaf());

describe("resources/add-headers", () => {
  const CASES: readonly (readonly [method: string, path: string, expected: string])[] = [
    ["GET", "/", "200 one, two"],
    ["GET", "/child", "200 one, two"],
    ["HEAD", "/leaf/a/b", "200 one, two"],
    ["GET", "/child?own=mine", "200 mine"],
    ["GET", "/nowhere", "404 one, two"],
    ["PUT", "/child", "405 one, two"],
    ["POST", "/child", "500 one, two"],
    ["OPTIONS", "*", "204 one, two"],
  ];

  for (const [method, path, expected] of CASES) {
    it(`${method} ${path} is answered ${expected}`, async () => {
      expect(await added(tree(), method, path)).to.equal(expected);
    });
  }

  it("leaves the rest of the path to a leaf", async () => {
    expect(await added(new Leaf(), "GET", "/a/b")).to.equal("200 one, two");
  });
});
