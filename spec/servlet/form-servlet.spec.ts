import { expect } from "chai";
import { FormServlet } from "../../lib/servlet/form-servlet.ts";
import { Diary, noted, serve } from "./serving.ts";

const URLENCODED = { "Content-Type": "application/x-www-form-urlencoded" };

class Shows extends FormServlet {
  override handleRequest(): void {
    this.sendResponse(200);
    this.sendHeader("Content-Type", "application/json");
    this.endHeaders();
    this.sendContent(
      JSON.stringify({
        fields: this.fields(),
        all: this.fieldValues("a"),
        none: this.fieldValues("none"),
        has: [this.containsField("a"), this.containsField("none")],
        files: this.files.map(({ name, filename, size }) => [name, filename, size]),
      }),
    );
    this.endContent();
  }
}

class Asks extends FormServlet {
  override handleRequest(): void {
    const name = this.field("name");
    this.sendResponse(200);
    this.endHeaders();
    this.sendContent(name);
    this.endContent();
  }
}

describe("servlet/form-servlet", () => {
  it("has the fields of a query: repeated, blank, escaped", () => {
    const { client } = serve((request) => new Shows(request));
    expect(client.get("/?a=1&a=2&b=&c=%C3%A4+%2B&__proto__=x").json()).to.deep.equal({
      fields: JSON.parse('{"a":"1","b":"","c":"ä +","__proto__":"x"}'),
      all: ["1", "2"],
      none: [],
      has: [true, false],
      files: [],
    });
    expect(client.head("/?a=1").status).to.equal(200);
  });

  it("has the fields of a body, and not those of the query", async () => {
    const { client } = serve((request) => new Shows(request));
    const reply = await client.post("/?q=1", { headers: URLENCODED, body: "a=1&b=2" });
    expect(reply.json()).to.deep.include({ fields: { a: "1", b: "2" } });
  });

  it("takes a body without a length", async () => {
    const { client } = serve((request) => new Shows(request));
    const reply = client.post("/", { headers: URLENCODED, upload: true });
    reply.write("a=1");
    reply.end();
    expect((await reply).json()).to.deep.include({ all: ["1"] });
  });

  it("has fields and files of a multipart form, with their names", async () => {
    const { client } = serve((request) => new Shows(request));
    const body =
      '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b\r\nContent-Disposition: form-data; name="f"; filename="x.txt"\r\n\r\nabc\r\n--b--\r\n';
    const headers = { "Content-Type": "multipart/form-data; boundary=b" };
    const reply = await client.post("/", { headers, body });
    expect(reply.json()).to.deep.include({ all: ["1"], files: [["f", "x.txt", 3]] });
  });

  it("gives a field, and answers 400 where it is missing, saying which", () => {
    const { client } = serve((request) => new Asks(request));
    expect(client.get("/?name=x").text).to.equal("x");
    const reply = client.get("/?other=x");
    expect(reply.status).to.equal(400);
    expect(reply.text).to.contain("name");
  });

  const BAD = [
    { what: "another type", headers: { "Content-Type": "text/plain" }, body: "a", status: 415 },
    { what: "a bad escape", headers: URLENCODED, body: "a=%zz", status: 400 },
    {
      what: "a broken multipart",
      headers: { "Content-Type": "multipart/form-data; boundary=b" },
      body: "--b\r\nContent",
      status: 400,
    },
    { what: "a form of the limit", headers: URLENCODED, body: `a=${"x".repeat(98)}`, status: 200 },
    { what: "a form too long", headers: URLENCODED, body: `a=${"x".repeat(99)}`, status: 413 },
  ];
  for (const { what, headers, body, status } of BAD) {
    it(`answers ${what} with ${status}, and is destroyed once`, async () => {
      const diary = new Diary();
      const { client } = serve(noted(Shows, diary), { limits: { formBytes: 100 } });
      expect((await client.post("/", { headers, body })).status).to.equal(status);
      expect(diary.entries).to.deep.equal(["destroyed: finished"]);
    });
  }

  it("answers a bad escape in a query with 400", () => {
    const { client } = serve((request) => new Shows(request));
    expect(client.get("/?a=%zz").status).to.equal(400);
  });

  it("answers other methods with 405 and says which it has", () => {
    const { client } = serve((request) => new Shows(request));
    const reply = client.put("/", { body: "x" });
    expect(reply.status).to.equal(405);
    expect(reply.headers.get("allow")).to.equal("GET, HEAD, POST");
  });

  it("answers 500 where handleRequest throws, sync or async", async () => {
    for (const isAsync of [false, true]) {
      class Breaks extends FormServlet {
        override handleRequest(): void | Promise<void> {
          if (isAsync) return Promise.reject(new Error("oops"));
          throw new Error("oops");
        }
      }
      const { client, lines } = serve((request) => new Breaks(request));
      for (const reply of [
        client.get("/"),
        client.post("/", { headers: URLENCODED, body: "a=1" }),
      ]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expect((await reply).status).to.equal(500);
      }
      expect(lines).to.have.length(2);
    }
  });
});
