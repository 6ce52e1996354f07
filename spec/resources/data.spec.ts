import { expect } from "chai";
import { Data, Resource } from "weftline";
import { TestClient } from "weftline/testing";
import { lastingFields } from "../support/lasting-fields.ts";

const TEXT = "Hello, world\n";

function clientOf(child: Resource): TestClient {
  return new TestClient(new Resource().putChild("data", child));
}

function tag(content: string | Uint8Array): string | null {
  return clientOf(new Data(content, "text/plain")).get("/data").headers.get("etag");
}

describe("resources/data", () => {
  for (const [content, bytes] of [
    [TEXT, Buffer.from(TEXT)],
    ["", Buffer.alloc(0)],
    ["grüß dich", Buffer.from("grüß dich")],
    ["a".repeat(2_049), Buffer.alloc(2_049, "a")],
    [new Uint8Array([0, 255, 1]), Buffer.from([0, 255, 1])],
  ] as const) {
    it(`serves ${JSON.stringify(content).slice(0, 40)} with its length, within the call`, () => {
      const reply = clientOf(new Data(content, "text/plain")).get("/data");
      expect([reply.status, reply.done]).to.deep.equal([200, true]);
      expect(reply.headers.get("content-type")).to.equal("text/plain");
      expect(reply.headers.get("content-length")).to.equal(String(bytes.length));
      expect(Buffer.from(reply.bytes)).to.deep.equal(bytes);
    });
  }

  it("answers HEAD with the same fields and nothing else", () => {
    const client = clientOf(new Data(TEXT, "text/plain"));
    const [head, get] = [client.head("/data"), client.get("/data")];
    expect(lastingFields(head)).to.deep.equal(lastingFields(get));
    expect([head.status, head.text]).to.deep.equal([200, ""]);
  });

  it("answers 304 to a client that has it, without the fields of a body", () => {
    const client = clientOf(new Data(TEXT, "text/plain"));
    const etag = client.get("/data").headers.get("etag") ?? "";
    const reply = client.get("/data", { headers: { "If-None-Match": `"x", ${etag}` } });
    expect([reply.status, reply.text]).to.deep.equal([304, ""]);
    expect(reply.headers.get("etag")).to.equal(etag);
    expect(reply.headers.get("content-type")).to.equal(null);
    expect(reply.headers.get("content-length")).to.equal(null);
    expect(client.get("/data").headers.get("content-type")).to.equal("text/plain");
  });

  it("answers 412 where If-Match names something else", () => {
    const reply = clientOf(new Data(TEXT, "text/plain")).get("/data", {
      headers: { "If-Match": '"x"' },
    });
    expect(reply.status).to.equal(412);
  });

  it("has a tag that depends on the content alone", () => {
    expect(tag("a")).to.equal(tag(Buffer.from("a")));
    expect(tag("a")).not.to.equal(tag("b"));
    expect(tag("a")).to.match(/^"[\w-]{22}"$/);
  });

  it("refuses other methods with those it has", () => {
    const reply = clientOf(new Data(TEXT, "text/plain")).post("/data", { body: "x" });
    expect(reply.status).to.equal(405);
    expect(reply.headers.get("allow")).to.equal("GET, HEAD, OPTIONS");
  });

  it("copies the bytes that it is given", () => {
    const bytes = Buffer.from("abc");
    const client = clientOf(new Data(bytes, "text/plain"));
    bytes.fill("x");
    expect(client.get("/data").text).to.equal("abc");
  });

  it("answers behind a trailing slash, and may have children", () => {
    const client = clientOf(
      new Data(TEXT, "text/plain").putChild("b", new Data("b", "text/plain")),
    );
    expect(client.get("/data/").text).to.equal(TEXT);
    expect(client.get("/data/b").text).to.equal("b");
    expect(client.get("/data/c").status).to.equal(404);
  });

  it("refuses a type that no field may have", () => {
    expect(() => new Data("", "text/plain\r\nX: y")).to.throw(TypeError, "Content-Type");
  });
});
