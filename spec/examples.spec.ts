import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { expect } from "chai";
import {
  type AccessRecord,
  combinedLogFormat,
  type Listener,
  type Logger,
  Site,
  type SiteOptions,
} from "weftline";
import { FakeClock, TestClient } from "weftline/testing";
import { type Example, loadExample, NAMES, treeOf } from "../examples/index.ts";

interface Case {
  readonly example: string;
  readonly method?: string;
  /** Below the example, without a slash at first. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly status: number;
  readonly fields?: Readonly<Record<string, string>>;
  /** A part of what is answered. */
  readonly says?: string;
}

/** What the pages of the guide promise. */
const CASES: readonly Case[] = [
  {
    example: "static-content",
    path: "",
    status: 200,
    fields: { "content-type": "text/html; charset=utf-8" },
    says: '<a href="notes/">notes/</a>',
  },
  {
    example: "static-content",
    path: "hello.txt",
    status: 200,
    fields: { "content-type": "text/plain; charset=utf-8", "accept-ranges": "bytes" },
    says: "Hello from a file.",
  },
  {
    example: "static-content",
    path: "hello.txt",
    headers: { Range: "bytes=0-4" },
    status: 206,
    fields: { "content-range": "bytes 0-4/19" },
    says: "Hello",
  },
  {
    example: "static-content",
    path: "data.unknown",
    status: 200,
    fields: { "content-type": "application/octet-stream", "x-content-type-options": "nosniff" },
  },
  { example: "static-content", path: "notes/", status: 200, says: "<h1>Notes</h1>" },
  { example: "static-content", path: "nothing", status: 404, says: "404 Not Found" },
  { example: "static-content", path: "..%2findex.ts", status: 404 },
  {
    example: "static-content",
    method: "POST",
    path: "hello.txt",
    status: 405,
    fields: { allow: "GET, HEAD, OPTIONS" },
  },
  { example: "dynamic-content", path: "any/path", status: 200, says: "The clock stands at 0 s." },
  { example: "static-dispatch", path: "hello", status: 200, says: "Hello, world!\n" },
  { example: "static-dispatch", path: "notes/", status: 200, says: "<h1>Notes</h1>" },
  { example: "static-dispatch", path: "nothing", status: 404 },
  { example: "static-dispatch", path: "", status: 404 },
  { example: "dynamic-dispatch", path: "2026", status: 200, says: "2026 begins on a Thursday." },
  { example: "dynamic-dispatch", path: "abc", status: 500, says: "500 Internal Server Error" },
  { example: "error-handling", path: "2026", status: 200, says: "2026 begins on a Thursday." },
  { example: "error-handling", path: "abc", status: 404, says: "Years are four digits" },
  { example: "error-handling", path: "abc/def", status: 404, says: "Years are four digits" },
  { example: "custom-codes", path: "buy", status: 402, says: "Please swipe your credit card.\n" },
  {
    example: "custom-codes",
    method: "DELETE",
    path: "buy",
    status: 405,
    fields: { allow: "GET, HEAD, OPTIONS" },
  },
  {
    example: "custom-codes",
    method: "OPTIONS",
    path: "buy",
    status: 204,
    fields: { allow: "GET, HEAD, OPTIONS" },
  },
  { example: "handling-posts", path: "", status: 200, says: '<form method="post">' },
  {
    example: "handling-posts",
    method: "POST",
    path: "",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: "text=%3Cb%3E+%26+more",
    status: 200,
    says: "You submitted: &lt;b&gt; &amp; more",
  },
  {
    example: "handling-posts",
    method: "POST",
    path: "",
    headers: { "Content-Type": "multipart/form-data; boundary=b" },
    body: '--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nhello\r\n--b--\r\n',
    status: 200,
    says: "You submitted: hello",
  },
  {
    example: "handling-posts",
    method: "POST",
    path: "",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: "other=1",
    status: 400,
    says: "The form has no text.",
  },
  {
    example: "handling-posts",
    method: "POST",
    path: "",
    headers: { "Content-Type": "text/plain" },
    body: "text=1",
    status: 415,
  },
  {
    example: "other-request-bodies",
    method: "POST",
    path: "",
    headers: { "Content-Type": "application/json" },
    body: '{"a": "<b>"}',
    status: 200,
    says: "<pre>{&quot;a&quot;: &quot;&lt;b&gt;&quot;}</pre>",
  },
  { example: "scripts", path: "hello", status: 200, says: "Hello, world!\n" },
  { example: "scripts", path: "hello/you/me", status: 200, says: "Hello, you and me!\n" },
  { example: "scripts", path: "hello.resource.ts", status: 404 },
  { example: "access-logging", path: "", status: 200, says: "Hello!\n" },
  { example: "http-authentication", path: "", status: 401, says: "401 Unauthorized" },
  { example: "session-basics", path: "", status: 200, says: "Welcome, visitor" },
  { example: "session-store", path: "", status: 200, says: "Visit #1 for you!" },
  { example: "session-endings", path: "", status: 200, says: "You are visitor" },
];

const quiet = (): undefined => undefined;
const QUIET: Logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** A client of an example that is served alone, by a clock that stands still. */
async function clientOf(name: string, options: SiteOptions = {}): Promise<TestClient> {
  const { root, options: own } = await loadExample(name);
  return new TestClient(
    new Site(root, { ...own, accessLog: quiet, log: QUIET, clock: new FakeClock(), ...options }),
  );
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The Authorization field of a GET, by RFC 7616, for the first of the challenges. */
function answerTo(challenges: string, user: string, password: string, uri: string): string {
  const [, nonce = ""] = /nonce="([^"]+)"/.exec(challenges) ?? [];
  const [, opaque = ""] = /opaque="([^"]+)"/.exec(challenges) ?? [];
  const secrets = [hash(`${user}:homes:${password}`), hash(`GET:${uri}`)] as const;
  const response = hash(`${secrets[0]}:${nonce}:00000001:abc:auth:${secrets[1]}`);
  return `Digest username="${user}", realm="homes", uri="${uri}", algorithm=SHA-256, nonce="${nonce}", nc=00000001, cnonce="abc", qop=auth, opaque="${opaque}", response="${response}"`;
}

function titleOf({ example, method = "GET", path, headers = {}, status }: Case): string {
  const fields = Object.entries(headers).map(([name, value]) => `, ${name}: ${value}`);
  return `${example}: ${method} /${path}${fields.join("")} is answered ${status}`;
}

describe("examples", function () {
  this.timeout(5_000); // the translator of scripts takes a while to load

  it("are all listed", () => {
    const files = readdirSync("examples").filter((name) => name.endsWith(".ts"));
    const programs = files.map((name) => name.slice(0, -".ts".length));
    expect(programs.filter((name) => name !== "index" && name !== "serve")).to.have.members(NAMES);
  });

  it("say in their first lines what they show, and have at most 40 lines", async () => {
    for (const { title, shows, paths, source, name } of await Promise.all(NAMES.map(loadExample))) {
      expect([title, shows], name).to.not.include(name).and.not.include("");
      expect(paths[0], name).to.match(/^\//);
      expect(source.trimEnd().split("\n"), name).to.have.length.at.most(40);
    }
  });

  for (const one of CASES) {
    it(titleOf(one), async () => {
      const { example, method = "GET", path, status, fields = {}, says = "" } = one;
      const { headers = {}, body = "" } = one;
      const client = await clientOf(example);
      const reply = await client.request(method, `/${path}`, { headers, body });
      expect(reply.status).to.equal(status);
      for (const [name, value] of Object.entries(fields)) {
        expect(reply.headers.get(name)).to.equal(value);
      }
      expect(reply.text).to.include(says);
    });
  }

  it("dynamic-content: is made anew for each request", async () => {
    const client = await clientOf("dynamic-content");
    client.clock.advance(61_000);
    expect(client.get("/").text).to.include("The clock stands at 61 s.");
  });

  const HELD = [
    ["asynchronous", "/"],
    ["asynchronous-deferred", "/callback"],
    ["asynchronous-deferred", "/async"],
    ["interrupted", "/"],
    ["interrupted", "/short"],
    ["logging-errors", "/"],
    ["scripts", "/asynchronous"],
    ["scripts", "/interrupted"],
  ] as const;

  for (const [example, path] of HELD) {
    it(`${example}: GET ${path} is answered after five seconds, to each of two clients`, async () => {
      const client = await clientOf(example);
      const first = client.get(path);
      // a script is loaded by then
      while (client.clock.pending.length === 0) await new Promise(setImmediate);
      await client.clock.advanceAsync(1_000);
      const second = client.get(path);
      await client.clock.advanceAsync(3_999);
      expect([first.status, first.text]).to.deep.equal([undefined, ""]);
      await client.clock.advanceAsync(1);
      expect(first.done).to.equal(true);
      expect(first.text).to.include("Sorry to keep you waiting.");
      expect(second.status).to.equal(undefined);
      await client.clock.advanceAsync(1_000);
      expect(second.done).to.equal(true);
    });
  }

  for (const path of ["/", "/short"]) {
    it(`interrupted: GET ${path} is called off when the client leaves`, async () => {
      const client = await clientOf("interrupted");
      const reply = client.get(path);
      await client.clock.advanceAsync(4_999);
      reply.disconnect();
      await client.clock.advanceAsync(0);
      expect(client.clock.pending).to.deep.equal([]);
    });
  }

  it("logging-errors: says who left, and why", async () => {
    const lines: string[] = [];
    const log: Logger = { ...QUIET, warn: (_about, message) => lines.push(message) };
    const client = await clientOf("logging-errors", { log });
    client.get("/").disconnect();
    client.get("/").reset();
    expect(lines).to.deep.equal(["nobody waits any more", "nobody waits any more"]);
    expect(client.clock.pending).to.deep.equal([]);
  });

  it("access-logging: has a line for each request, with the client that the proxy names", async () => {
    const records: AccessRecord[] = [];
    const client = await clientOf("access-logging", {
      accessLog: (record) => records.push(record),
      wallClock: () => Date.UTC(2026, 10, 20, 18, 29, 24),
    });
    const headers = { "X-Forwarded-For": "192.0.2.7", "User-Agent": 'a "browser"' };
    client.get("/", { headers });
    client.get("/nothing");
    expect(records.map(combinedLogFormat)).to.deep.equal([
      String.raw`192.0.2.7 - - [20/Nov/2026:18:29:24 +0000] "GET / HTTP/1.1" 200 7 "-" "a \"browser\""`,
      `127.0.0.1 - - [20/Nov/2026:18:29:24 +0000] "GET /nothing HTTP/1.1" 404 ${records[1]?.bytes} "-" "-"`,
    ]);
  });

  it("http-authentication: lets those in who know the password, each to a place of their own", async () => {
    const client = await clientOf("http-authentication");
    const asked = client.get("/deeper");
    const challenges = asked.headers.get("www-authenticate") ?? "";
    expect(challenges).to.match(/^Digest realm="homes", .*algorithm=SHA-256/);
    const statuses = (["lovelace", "wrong"] as const).map((password) => {
      const headers = { Authorization: answerTo(challenges, "ada", password, "/deeper") };
      return client.get("/deeper", { headers });
    });
    expect(statuses.map(({ status }) => status)).to.deep.equal([200, 401]);
    expect(statuses[0]?.text).to.include("This is /deeper of ada.");
  });

  it("session-basics: knows a visitor again, and forgets one who asks for it", async () => {
    const client = await clientOf("session-basics");
    expect((await client.get("/")).headers.getSetCookie()).to.have.length(1);
    const again = await client.get("/");
    expect(again.text).to.include("Welcome back, visitor");
    expect(again.headers.getSetCookie()).to.deep.equal([]);
    expect((await client.post("/expire")).text).to.include("Your session has been expired.");
    expect((await client.get("/")).text).to.include("Welcome, visitor");
  });

  it("session-store: counts the visits, until the visitor has stayed away for 15 minutes", async () => {
    const client = await clientOf("session-store");
    for (const count of [1, 2, 3]) {
      expect((await client.get("/")).text).to.include(`Visit #${count} for you!`);
    }
    await client.clock.advanceAsync(15 * 60_000 + 60_000);
    expect((await client.get("/")).text).to.include("Visit #1 for you!");
  });

  it("session-endings: ends a session that is idle for five seconds, and says so", async () => {
    const lines: string[] = [];
    const log: Logger = { ...QUIET, warn: (_about, message) => lines.push(message) };
    const client = await clientOf("session-endings", { log });
    const { text } = await client.get("/");
    await client.clock.advanceAsync(4_000);
    expect((await client.get("/")).text).to.equal(text);
    await client.clock.advanceAsync(4_000);
    expect((await client.get("/")).text).to.equal(text);
    expect(lines).to.deep.equal([]);
    await client.clock.advanceAsync(60_000);
    expect(lines).to.deep.equal(["a session has ended"]);
    expect((await client.get("/")).text).to.not.equal(text);
  });

  describe("on one page", () => {
    const clock = new FakeClock();
    let examples: readonly Example[];
    let site: Site;
    let listener: Listener;

    before(async () => {
      examples = await Promise.all(NAMES.map(loadExample));
      site = new Site(treeOf(examples, new Map()), { clock, log: QUIET });
      listener = await site.listen("tcp:0:interface=127.0.0.1");
    });

    after(async () => {
      await site.close({ graceMs: 0 });
    });

    for (const one of CASES) {
      it(`${titleOf(one)} over a socket`, async () => {
        const { example, method = "GET", path, headers = {}, body, status, says = "" } = one;
        const init = { method, headers, redirect: "manual", ...(body && { body }) } as const;
        const response = await fetch(new URL(`${example}/${path}`, listener.url), init);
        expect(response.status).to.equal(status);
        expect(await response.text()).to.include(says);
      });
    }

    for (const [example, path] of HELD) {
      it(`${example}: GET ${path} is answered after five seconds over a socket`, async () => {
        const waiting = clock.pending.length;
        const answer = fetch(new URL(`${example}${path}`, listener.url));
        while (clock.pending.length === waiting) await new Promise(setImmediate);
        clock.advance(5_000);
        expect(await (await answer).text()).to.include("Sorry to keep you waiting.");
      });
    }

    it("links each example and its source", async () => {
      const page = await (await fetch(listener.url)).text();
      for (const { name, title, source } of examples) {
        expect(page).to.include(`<h2>${title}</h2>`);
        const link = new URL(`source/${name}.ts`, listener.url);
        expect(page).to.include(`href="source/${name}.ts"`);
        const response = await fetch(link);
        expect(response.headers.get("content-type")).to.equal("text/plain; charset=utf-8");
        expect(await response.text()).to.equal(source);
      }
    });

    it("links only to what is there, but for what is said to fail", async () => {
      const client = new TestClient(site);
      const page = client.get("/").text;
      const links = [...page.matchAll(/<a href="([^"]+)"/g)].map(([, link = ""]) => link);
      expect(links).to.have.length.above(examples.length);
      const refused: string[] = [];
      for (const link of links) {
        const reply = client.get(`/${link}`);
        while (!reply.done) {
          await new Promise(setImmediate);
          if (clock.pending.length > 0) clock.advance(5_000);
        }
        if (Number(reply.status) >= 400) refused.push(`${link} ${reply.status}`);
      }
      expect(refused).to.deep.equal([
        "static-content/nothing 404",
        "static-dispatch/nothing 404",
        "dynamic-dispatch/abc 500",
        "error-handling/abc 404",
        "error-handling/abc/def 404",
        "custom-codes/buy 402",
        "access-logging/nothing 404",
        "http-authentication/ 401",
        "http-authentication/deeper 401",
      ]);
    });

    it("links the examples that have a site of their own to it", () => {
      const page = new TestClient(treeOf(examples, new Map([["scripts", "http://127.0.0.1:1/"]])));
      expect(page.get("/").text).to.include('href="http://127.0.0.1:1/hello"');
      expect(page.get("/scripts/hello").status).to.equal(404);
    });
  });
});
