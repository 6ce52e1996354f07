import { expect } from "chai";
import { NOT_DONE_YET } from "../../lib/web/body.ts";
import { allowedMethods, Resource, renders } from "../../lib/web/resource.ts";
import { leaf } from "../support/small-site.ts";

describe("web/resource", () => {
  it("keeps its children in the order in which they came", () => {
    const root = new Resource();
    const [one, other] = [leaf(() => ""), leaf(() => "")];
    expect(root.listNames()).to.deep.equal([]);
    expect(root.delChild("b")).to.equal(false);
    root.putChild("b", one).putChild("a", one).putChild("", one).putChild("b", other);
    expect(root.listNames()).to.deep.equal(["b", "a", ""]);
    expect(root.getStaticChild("b")).to.equal(other);
    expect([root.delChild("b"), root.delChild("b")]).to.deep.equal([true, false]);
    expect(root.getStaticChild("b")).to.equal(undefined);
  });

  it("takes names like those of Object for names", () => {
    const root = new Resource()
      .putChild(
        "__proto__",
        leaf(() => ""),
      )
      .putChild(
        "constructor",
        leaf(() => ""),
      );
    expect(root.listNames()).to.deep.equal(["__proto__", "constructor"]);
    expect(new Resource().getStaticChild("toString")).to.equal(undefined);
  });

  it("refuses a name that is no segment", () => {
    expect(() => new Resource().putChild("a/b", new Resource())).to.throw(TypeError, /slash/);
    expect(() => new Resource().putChild(1 as unknown as string, new Resource())).to.throw(
      TypeError,
      /string/,
    );
  });

  it("lists the methods that it and its parents answer", () => {
    class One extends Resource {
      override render_GET(): string {
        return "";
      }
    }
    class Two extends One {
      override render_DELETE(): string {
        return "";
      }
      readonly render_NOTHING: number = 1;
    }
    expect(allowedMethods(new Two())).to.deep.equal(["DELETE", "GET", "HEAD", "OPTIONS"]);
    expect(allowedMethods(new Resource())).to.deep.equal(["OPTIONS"]);
    class Poster extends Resource {
      override render_POST(): string {
        return "";
      }
    }
    expect([new Resource(), new One(), leaf(() => ""), new Poster()].map(renders)).to.deep.equal([
      false,
      true,
      true,
      true,
    ]);
  });

  it("has a mark that says what it is", () => {
    expect(String(NOT_DONE_YET)).to.equal("NOT_DONE_YET");
  });
});
