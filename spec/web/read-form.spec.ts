import { mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Form, type UploadedFile } from "../../lib/fields/form.ts";
import type { StandardSchema } from "../../lib/fields/standard-schema.ts";
import { ProtocolError } from "../../lib/http/protocol-error.ts";
import { TestClient } from "../../lib/testing/test-client.ts";
import type { TestReply } from "../../lib/testing/test-reply.ts";
import { logTo } from "../../lib/web/log.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";
import { Site, type SiteOptions } from "../../lib/web/site.ts";

const KIB_100 = "x".repeat(100 * 1_024);

/** Shows the form that was sent. */
class Page extends Resource {
  override isLeaf = true;
  files: readonly UploadedFile[] = [];

  override async render_POST(request: Request): Promise<string> {
    const form = await request.form();
    this.files = form.files;
    const files = form.files.map(({ filename, size }) => `${filename}:${size}`);
    return JSON.stringify([...form, ...files]);
  }
}

const multipart = (fields: Readonly<Record<string, string | Blob>>): FormData => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
};

/** A schema by hand: `name` is a text, `age` a number; asynchronous where told so. */
function person(later = false): StandardSchema<unknown, { name: string; age: number }> {
  return {
    "~standard": {
      version: 1,
      vendor: "spec",
      validate: (value) => {
        const { name, age } = value as { name?: unknown; age?: unknown };
        const issues = [];
        if (typeof name !== "string")
          issues.push({ message: "must be <one> text", path: ["name"] });
        if (!/^\d+$/.test(String(age))) issues.push({ message: "must be a number", path: ["age"] });
        const result =
          issues.length > 0 ? { issues } : { value: { name: String(name), age: Number(age) } };
        return later ? Promise.resolve(result) : result;
      },
    },
  };
}

/** Files are opened and closed by other threads, which take their time; the runner's limit is the only one. */
async function turnsUntil(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate);
}

const URLENCODED = "application/x-www-form-urlencoded";

describe("web/read-form", () => {
  let page: Page;
  let errors: string[];

  beforeEach(() => {
    page = new Page();
    errors = [];
  });

  const clientOf = (root: Resource = page, options: SiteOptions = {}): TestClient =>
    new TestClient(new Site(root, { log: logTo((line) => errors.push(line)), ...options }));

  it("reads an urlencoded form", async () => {
    const reply = clientOf().post("/", {
      body: new URLSearchParams({ a: "1 & 2", __proto__: "x", "a[b]": "ü" }),
    });
    expect((await reply).text).to.equal('[["a","1 & 2"],["a[b]","ü"]]');
  });

  it("reads a multipart form, and removes its files when the request has ended", async () => {
    const body = multipart({ a: "1", small: new Blob(["abc"]), large: new Blob([KIB_100]) });
    const reply = await clientOf().post("/", { body });
    expect(reply.text).to.equal('[["a","1"],"blob:3","blob:102400"]');
    for (const file of page.files) {
      expect(await file.bytes().catch((error: Error) => error.message)).to.match(/had ended/);
    }
  });

  const TYPES: readonly (readonly [type: string | undefined, body: string, status: number])[] = [
    [URLENCODED, "a=1", 200],
    [`${URLENCODED}; charset=utf-8`, "a=1", 200],
    [`${URLENCODED}; charset=koi8-r`, "a=1", 415],
    [undefined, "a=1", 415],
    ["text/plain", "a=1", 415],
    ["application/x-www-form-urlencoded\ta", "a=1", 415],
    ["application/json", "{}", 415],
    [URLENCODED, "a=%", 400],
    [URLENCODED, "a=%ff", 400],
    ["multipart/form-data", "x", 400],
    ["multipart/form-data; boundary=", "x", 415],
    ["multipart/form-data; boundary=b", "x", 400],
    ["multipart/form-data; boundary=b", "--b\r\n\r\nx\r\n--b--\r\n", 400],
  ];
  for (const [type, body, status] of TYPES) {
    it(`answers ${status} to ${JSON.stringify(body)} as ${type}`, async () => {
      const headers = type === undefined ? { "Content-Type": [] } : { "Content-Type": type };
      expect((await clientOf().post("/", { headers, body: Buffer.from(body) })).status).to.equal(
        status,
      );
      expect(errors).to.deep.equal([]);
    });
  }

  for (const [bytes, status] of [
    [19, 200],
    [20, 200],
    [21, 413],
  ] as const) {
    it(`answers ${status} to ${bytes} bytes where 20 are allowed, announced or not`, async () => {
      const body = `a=${"x".repeat(bytes - 2)}`;
      const headers = { "Content-Type": URLENCODED };
      for (const sent of [body, [body]]) {
        const client = clientOf(page, { limits: { formBytes: 20 } });
        expect((await client.post("/", { headers, body: sent })).status).to.equal(status);
      }
    });

    it(`answers ${status} to a multipart field of ${bytes} bytes where 20 are allowed`, async () => {
      const client = clientOf(page, { limits: { formBytes: 20 } });
      const body = multipart({ a: "x".repeat(bytes) });
      expect((await client.post("/", { body })).status).to.equal(status);
    });
  }

  it("answers 413 to a multipart form that announces too much, before a byte of it", async () => {
    const headers = {
      "Content-Type": "multipart/form-data; boundary=b",
      "Content-Length": String(1e9),
    };
    const reply = clientOf().post("/", { headers, upload: true });
    expect((await reply).status).to.equal(413);
  });

  it("answers 403 to a form of another site's page, without reading it", async () => {
    const body = new URLSearchParams({ a: "1" });
    const headers = { Origin: "https://evil.example" };
    expect((await clientOf().post("/", { body, headers })).status).to.equal(403);
    expect(
      (await clientOf(page, { crossOrigin: false }).post("/", { body, headers })).status,
    ).to.equal(200);
    const trusting = { crossOrigin: { trustedOrigins: ["https://evil.example"] } };
    expect((await clientOf(page, trusting).post("/", { body, headers })).status).to.equal(200);
  });

  describe("when the client leaves in the middle of an upload", () => {
    const HEAD = '--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n';
    let folder: string;
    let before: string | undefined;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "weftline-upload-"));
      before = process.env["TMPDIR"];
      process.env["TMPDIR"] = folder;
    });

    afterEach(() => {
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
      rmSync(folder, { recursive: true });
    });

    /** Files of this process that lie in the folder, deleted or not. */
    const open = (): number =>
      readdirSync("/proc/self/fd").filter((name) => {
        try {
          return readlinkSync(`/proc/self/fd/${name}`).startsWith(folder);
        } catch {
          return false;
        }
      }).length;
    // In an object, since whoever awaits a reply waits for its end.
    const begin = async (): Promise<{ readonly reply: TestReply }> => {
      const headers = { "Content-Type": "multipart/form-data; boundary=b" };
      const reply = clientOf().post("/", { headers, upload: true });
      reply.write(HEAD + KIB_100);
      await turnsUntil(() => open() > 0);
      expect(open()).to.equal(1);
      return { reply };
    };

    for (const [how, leave] of [
      ["closing", (reply: TestReply) => reply.disconnect()],
      ["a reset", (reply: TestReply) => reply.reset()],
    ] as const) {
      it(`by ${how}, nothing is left`, async () => {
        const { reply } = await begin();
        leave(reply);
        await turnsUntil(() => open() === 0);
        expect(open()).to.equal(0);
        expect(readdirSync(folder)).to.deep.equal([]);
        expect(errors).to.deep.equal([]);
      });
    }

    it("after an answer that did not wait for it, nothing is left", async () => {
      const { reply } = await begin();
      reply.write("\r\n--b--\r\n");
      reply.end();
      expect((await reply).text).to.equal('["f:102400"]');
      await turnsUntil(() => open() === 0);
    });

    it("answers 507 where there is no room, and says so in the log", async () => {
      process.env["TMPDIR"] = "/proc/nowhere";
      const full = Object.assign(new Error("no space left"), { code: "ENOSPC" });
      const failing = (): AsyncIterable<Uint8Array> => ({
        [Symbol.asyncIterator]: () => ({
          next: () =>
            Promise.reject(new ProtocolError("local", "there is no room", 507, { cause: full })),
        }),
      });
      class Full extends Page {
        override render_POST(request: Request): Promise<string> {
          Object.defineProperty(request, "body", { get: failing });
          return super.render_POST(request);
        }
      }
      const body = multipart({ f: new Blob(["x"]) });
      expect((await clientOf(new Full()).post("/", { body })).status).to.equal(507);
      expect(errors.join()).to.match(/there is no room/);
    });
  });
});

describe("web/request with a schema", () => {
  class Checked extends Resource {
    override isLeaf = true;
    later = false;

    override async render_GET(request: Request): Promise<string> {
      return JSON.stringify(await request.args(person(this.later)));
    }

    override async render_POST(request: Request): Promise<string> {
      const isJson = request.headers.get("content-type") === "application/json";
      const schema = person(this.later);
      const value = await (isJson ? request.json(schema) : request.form(schema));
      return `${value.name} ${value.age}`;
    }
  }

  for (const later of [false, true]) {
    const client = (): TestClient => {
      const checked = new Checked();
      checked.later = later;
      return new TestClient(checked);
    };

    describe(later ? "that answers later" : "that answers at once", () => {
      it("gives what it makes of arguments, JSON and forms", async () => {
        expect((await client().get("/?name=Ada&age=36")).text).to.equal('{"name":"Ada","age":36}');
        const json = { name: "Ada", age: 36 };
        expect((await client().post("/", { json })).text).to.equal("Ada 36");
        const body = new URLSearchParams("name=Ada&age=36");
        expect((await client().post("/", { body })).text).to.equal("Ada 36");
        const form = multipart({ name: "Ada", age: "36" });
        expect((await client().post("/", { body: form })).text).to.equal("Ada 36");
      });

      it("answers 400 with a line for each issue, escaped", async () => {
        for (const reply of [
          client().get("/?age=old"),
          client().post("/", { json: { age: "old" } }),
          client().post("/", { body: new URLSearchParams("name=1&name=2") }),
        ]) {
          expect((await reply).status).to.equal(400);
          expect((await reply).text).to.include(
            "<p>name: must be &lt;one&gt; text\nage: must be a number</p>",
          );
        }
      });

      it("keeps the answers to what it never sees", async () => {
        expect((await client().get("/?name=%zz")).status).to.equal(400);
        expect((await client().post("/", { body: "x" })).status).to.equal(415);
      });
    });
  }

  it("takes a limit for JSON, with and without a schema", async () => {
    class Limited extends Resource {
      override async render_POST(request: Request): Promise<string> {
        const limited = request.query.has("schema")
          ? request.json(person(), 22)
          : request.json<{ age: number }>(22);
        return String((await limited).age);
      }
    }
    const client = new TestClient(new Limited());
    for (const query of ["", "?schema"]) {
      expect((await client.post(`/${query}`, { json: { name: "Ada", age: 361 } })).status).to.equal(
        413,
      );
      expect((await client.post(`/${query}`, { json: { name: "Ada", age: 3 } })).text).to.equal(
        "3",
      );
    }
  });

  it("is not needed: a form is a Form", async () => {
    class Plain extends Resource {
      override async render_POST(request: Request): Promise<string> {
        return String((await request.form()) instanceof Form);
      }
    }
    const body = new URLSearchParams({ a: "1" });
    expect((await new TestClient(new Plain()).post("/", { body })).text).to.equal("true");
  });
});
