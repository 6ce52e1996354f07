import { expect } from "chai";
import { File, Resource } from "weftline";
import { TestClient } from "weftline/testing";
import { ScratchFolder } from "../support/scratch-folder.ts";

describe("resources/file", () => {
  let folder: ScratchFolder;
  let client: TestClient;

  before(() => {
    folder = new ScratchFolder();
    folder.write("a.txt", "Hello, file\n");
    folder.write("index.html", "<p>index");
    folder.write("sub/page.html", "<p>page");
    folder.write("sub/index.htm", "<p>sub");
    folder.write("big.bin", "x".repeat(1_000_000));
    client = new TestClient(new File(folder.path));
  });

  after(() => folder.remove());

  for (const [path, status, type, text] of [
    ["/a.txt", 200, "text/plain; charset=utf-8", "Hello, file\n"],
    ["/", 200, "text/html; charset=utf-8", "<p>index"],
    ["/sub/", 200, "text/html; charset=utf-8", "<p>sub"],
    ["/sub/page.html", 200, "text/html; charset=utf-8", "<p>page"],
    ["/big.bin", 200, "application/octet-stream", "x".repeat(1_000_000)],
  ] as const) {
    it(`${path} is answered ${status} as ${type}`, async () => {
      const reply = await client.get(path);
      expect(reply.status).to.equal(status);
      expect(reply.headers.get("content-type")).to.equal(type);
      expect(reply.headers.get("content-length")).to.equal(String(text.length));
      expect(reply.headers.get("x-content-type-options")).to.equal("nosniff");
      expect(reply.text).to.equal(text);
      const head = await client.head(path);
      expect([...head.headers]).to.deep.equal([...reply.headers]);
      expect(head.text).to.equal("");
    });
  }

  for (const path of ["/none", "/a.txt/", "/a.txt/x", "/sub//page.html", "//a.txt", "/sub/none/"]) {
    it(`${path} is not found`, async () => {
      expect((await client.get(path)).status).to.equal(404);
      expect((await client.post(path)).status).to.equal(404);
    });
  }

  it("redirects a folder without its slash, and keeps the query", async () => {
    const reply = await client.get("/sub?a=b&c");
    expect(reply.status).to.equal(302);
    expect(reply.headers.get("location")).to.equal("/sub/?a=b&c");
  });

  it("answers a small file that it knows within the call", async () => {
    await client.get("/a.txt");
    expect(client.get("/a.txt").done).to.equal(true);
  });

  it("lets resources that were put there come first", () => {
    const child = new (class extends Resource {
      override render_GET(): string {
        return "put";
      }
    })();
    const reply = new TestClient(new File(folder.path).putChild("a.txt", child)).get("/a.txt");
    expect(reply.text).to.equal("put");
  });
});
