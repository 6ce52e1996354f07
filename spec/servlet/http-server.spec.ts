import { expect } from "chai";
import { EchoServlet } from "../../lib/servlet/echo-servlet.ts";
import { ErrorServlet } from "../../lib/servlet/error-servlet.ts";
import { type Answerer, HttpServer } from "../../lib/servlet/http-server.ts";
import { RedirectServer } from "../../lib/servlet/redirect-server.ts";
import {
  REDIRECT_PERMANENT,
  REDIRECT_TEMPORARY,
  RedirectServlet,
} from "../../lib/servlet/redirect-servlet.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";
import { serve, Text } from "./serving.ts";

class Admin extends HttpServer {
  readonly asked: string[] = [];

  override authorise(login: string, password: string): boolean | Promise<boolean> {
    this.asked.push(`${login}:${password}`);
    if (login === "breaks") throw new Error("oops");
    if (login === "later") return Promise.resolve(password === "secret");
    if (login === "breaks later") return Promise.reject(new Error("oops"));
    return login === "jo" && password === "a:b";
  }

  override servlet(request: Request): Answerer {
    return new Text(`hello ${request.user}`);
  }
}

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString("base64")}`;
}

describe("servlet/http-server", () => {
  it("finds nothing unless it is overridden", () => {
    expect(serve(new HttpServer()).client.get("/").status).to.equal(404);
    expect(serve(() => undefined).client.get("/").status).to.equal(404);
  });

  it("lets everybody in unless it is overridden", () => {
    expect(new HttpServer().authorise("", "")).to.equal(true);
  });

  it("answers 500 where the servlet cannot be made", async () => {
    const { client } = serve(() => {
      throw new Error("oops");
    });
    expect(client.get("/").status).to.equal(500);
    const later = serve(() => Promise.reject(new Error("oops")));
    expect((await later.client.get("/")).status).to.equal(500);
  });

  it("has a resource answer with what is left of the path, now or later", async () => {
    const tree = new Resource().putChild("a", new Text("here"));
    expect(serve(() => tree).client.get("/a").text).to.equal("here");
    const { client, clock } = serve(() => Promise.resolve(tree));
    expect((await client.get("/a")).text).to.equal("here");
    expect((await client.get("/b")).status).to.equal(404);
    const reply = client.get("/a");
    reply.disconnect();
    await clock.advanceAsync(0);
    expect(reply.text).to.equal("");
  });

  describe("paths", () => {
    const CASES: readonly (readonly [path: string, shown: string | number])[] = [
      ["/", ""],
      ["/a", "a"],
      ["/a/", "a/"],
      ["/a//b", "a/b"],
      ["/a/./b", "a/b"],
      ["/a/../b", "b"],
      ["/a/..", ""],
      ["/a/.", "a/"],
      ["/.a/b", ".a/b"],
      ["/a%20b", "a b"],
      ["/a/%2e%2e/b", "b"],
      ["/..", 403],
      ["/a/../../b", 403],
      ["/%2e%2e/b", 403],
      ["/a%2Fb", 404],
      ["/a%5Cb", 404],
      ["/a%00b", 404],
      ["/a%", 400],
    ];
    for (const [path, shown] of CASES) {
      it(`${path} is ${JSON.stringify(shown)}`, () => {
        const { client } = serve((request) => new Text(JSON.stringify(request.postpath.join("/"))));
        const connection = client.connect();
        connection.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
        const reply = connection.expectReply();
        if (typeof shown === "number") expect(reply.status).to.equal(shown);
        else expect(reply.json()).to.equal(shown);
        connection.close();
      });
    }
  });

  describe("authorise", () => {
    const CASES: readonly (readonly [
      field: string | undefined,
      asked: string | undefined,
      status: number,
    ])[] = [
      [undefined, ":", 401],
      [basic("jo:a:b"), "jo:a:b", 200],
      [basic("jo:a:b").replace("Basic", "bAsIc"), "jo:a:b", 200],
      [basic("jo:wrong"), "jo:wrong", 401],
      [basic("jö:"), "jö:", 401],
      [basic("later:secret"), "later:secret", 200],
      [basic("later:x"), "later:x", 401],
      [basic("breaks:x"), "breaks:x", 401],
      [basic("breaks later:x"), "breaks later:x", 401],
      [basic("no colon"), undefined, 401],
      [basic("a:\u0001"), undefined, 401],
      ["Basic *", undefined, 401],
      [`Basic ${Buffer.from([0xff, 0x3a]).toString("base64")}`, undefined, 401],
      [basic(`a:${"x".repeat(6_200)}`), undefined, 401],
      ["Bearer abc", undefined, 401],
    ];
    for (const [field, asked, status] of CASES) {
      it(`answers ${field?.slice(0, 40) ?? "a stranger"} with ${status}`, async () => {
        const admin = new Admin();
        admin.realm = 'the "x"';
        const { client, lines } = serve(admin);
        const reply = await client.get("/", {
          headers: field === undefined ? {} : { Authorization: field },
        });
        expect(reply.status).to.equal(status);
        expect(admin.asked).to.deep.equal(asked === undefined ? [] : [asked]);
        if (status === 200) expect(reply.text).to.match(/^hello (?:jo|later)$/);
        else {
          expect(reply.headers.get("www-authenticate")).to.equal(
            String.raw`Basic realm="the \"x\"", charset="UTF-8"`,
          );
        }
        expect(lines.join("\n").includes("authorise failed")).to.equal(
          field !== undefined && asked?.startsWith("breaks") === true,
        );
      });
    }
  });
});

describe("servlet/error-servlet", () => {
  it("answers with the page of an error, escaped", () => {
    const { client } = serve((request) => new ErrorServlet(request, 410, "<gone>"));
    const reply = client.get("/");
    expect(reply.status).to.equal(410);
    expect(reply.text).to.contain("&lt;gone&gt;");
  });

  it("cannot be made for what is not an error", () => {
    const { client } = serve((request) => new ErrorServlet(request, 200));
    expect(client.get("/").status).to.equal(500);
  });
});

describe("servlet/redirect-servlet", () => {
  it("sends elsewhere, for now or for good", () => {
    for (const status of [REDIRECT_TEMPORARY, REDIRECT_PERMANENT, undefined]) {
      const { client } = serve((request) => new RedirectServlet(request, "/new?a=1", status));
      const reply = client.get("/old");
      expect(reply.status).to.equal(status ?? 302);
      expect(reply.headers.get("location")).to.equal("/new?a=1");
    }
  });

  it("refuses another status, and nowhere, with 500", () => {
    for (const [location, status] of [
      ["/", 200],
      ["", 302],
      ["javascript:alert(1)", 302],
    ] as const) {
      const { client } = serve((request) => new RedirectServlet(request, location, status));
      expect(client.get("/").status).to.equal(500);
    }
  });
});

describe("servlet/redirect-server", () => {
  it("appends the rest of the path and keeps the query", () => {
    const root = new Resource().putChild("old", new RedirectServer("/new"));
    const { client } = serve(root);
    const reply = client.get("/old/a%20b/c?x=1");
    expect(reply.status).to.equal(301);
    expect(reply.headers.get("location")).to.equal("/new/a%20b/c?x=1");
    const other = serve(new RedirectServer("https://example.com", 302)).client.get("/a");
    expect(other.status).to.equal(302);
    expect(other.headers.get("location")).to.equal("https://example.com/a");
  });
});

describe("servlet/echo-servlet", () => {
  it("shows the request and its content, escaped", async () => {
    const { client } = serve((request) => new EchoServlet(request));
    const reply = client.post("/a?b=%3C", { headers: { "X-A": "<x>" }, upload: true });
    for (const byte of Buffer.from("<ä>")) reply.write(new Uint8Array([byte]));
    reply.end();
    const { text } = await reply;
    expect(text).to.contain("<td>POST</td>").and.contain("<td>/a?b=%3C</td>");
    expect(text).to.contain("<td>x-a</td><td>&lt;x&gt;</td>");
    expect(text).to.contain("<pre>&lt;ä&gt;</pre>");
  });
});
