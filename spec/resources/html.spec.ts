import { expect } from "chai";
import * as fc from "fast-check";
import { Deferred } from "../../lib/defer/index.ts";
import { type Html, type HtmlChild, html, raw } from "../../lib/resources/html.ts";
import { TestClient } from "../../lib/testing/index.ts";
import { Resource } from "../../lib/web/resource.ts";

async function collect(page: Html): Promise<string[]> {
  const pieces: string[] = [];
  for await (const piece of page) pieces.push(piece);
  return pieces;
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** Something that gives values for ever and notes that it is stopped. */
function endless(value: HtmlChild): AsyncIterable<HtmlChild> & { stopped: number } {
  const source = {
    stopped: 0,
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.resolve({ done: false as const, value }),
      return: () => {
        source.stopped++;
        return Promise.resolve({ done: true as const, value: undefined });
      },
    }),
  };
  return source;
}

function bytes(...pieces: readonly (readonly number[])[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(pieces.map((piece) => Uint8Array.from(piece)));
}

async function* some(...values: readonly HtmlChild[]): AsyncGenerator<HtmlChild> {
  yield* values;
}

describe("resources/html", () => {
  const CHILDREN: readonly [what: string, child: () => HtmlChild, text: string][] = [
    ["text", () => "a", "a"],
    [
      "markup in text",
      () => `<b a="c" d='e'>&amp;`,
      "&lt;b a=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;",
    ],
    ["a number", () => 1.5, "1.5"],
    ["zero", () => 0, "0"],
    ["a bigint", () => 10n, "10"],
    ["null", () => null, ""],
    ["undefined", () => undefined, ""],
    ["false", () => false, ""],
    ["true", () => true, ""],
    ["an empty text", () => "", ""],
    ["a template", () => html`<b>${"<"}</b>`, "<b>&lt;</b>"],
    ["raw markup", () => raw("<b>"), "<b>"],
    ["an array", () => ["<", 1, null, [html`<i></i>`]], "&lt;1<i></i>"],
    ["a set", () => new Set(["a", "<"]), "a&lt;"],
    ["an iterator", () => [1, 2].values(), "12"],
    ["bytes", () => Buffer.from("<é>"), "&lt;é&gt;"],
    ["a date", () => new Date(0), String(new Date(0))],
    ["a URL", () => new URL("http://a.example/?b&c"), "http://a.example/?b&amp;c"],
  ];
  for (const [what, child, text] of CHILDREN) {
    it(`writes ${what} at once`, async () => {
      const page = html`<p title="${child()}">${child()}</p>`;
      expect(page.whole).to.equal(`<p title="${text}">${text}</p>`);
      expect(String(page)).to.equal(page.whole);
      expect(await collect(page)).to.deep.equal([page.whole]);
    });
  }

  it("gives no piece where there is nothing", async () => {
    expect(await collect(html``)).to.deep.equal([]);
  });

  it("escapes any text so that no markup comes of it", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."a<>&\"'é🌍".split("")) }), (text) => {
        const written = html`${text}`.whole ?? "";
        expect(written).not.to.match(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
        const read = written
          .replaceAll("&lt;", "<")
          .replaceAll("&gt;", ">")
          .replaceAll("&quot;", '"')
          .replaceAll("&#39;", "'")
          .replaceAll("&amp;", "&");
        expect(read).to.equal(text);
      }),
    );
  });

  for (const child of [{}, Object.create(null), Symbol("a"), () => "a", { a: 1 }]) {
    it(`refuses ${Object.prototype.toString.call(child)}`, () => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the types would not let pass
      expect(() => html`<p>${child as HtmlChild}</p>`).to.throw(
        TypeError,
        "cannot be put into a page",
      );
    });
  }

  it("takes only what is safe where escaping does not help", () => {
    for (const [child, text] of [
      ["checked", "checked"],
      [5, "5"],
      [false, ""],
      [null, ""],
      [raw('a="b"'), 'a="b"'],
    ] as const) {
      expect(html`<input ${child}>`.whole).to.equal(`<input ${text}>`);
    }
    for (const child of ["a b", "a=b", "onload=x", "/", "<", ["a"], Promise.resolve("a")]) {
      expect(() => html`<a href=${child}>`).to.throw(TypeError, "only a word or raw()");
    }
    expect(() => html`<script>${"alert(1)"}</script>`).to.throw(TypeError);
    expect(html`<script>${raw("alert(1)")}</script>`.whole).to.equal("<script>alert(1)</script>");
  });

  it("gives what comes before something that is waited for at once, and the rest when it is there", async () => {
    const late = new Deferred<string>();
    const page = html`<p>${"a"}${late}${"c"}</p>`;
    expect(page.whole).to.be.undefined;
    expect(() => String(page)).to.throw(TypeError, "not complete");
    const pieces = page[Symbol.asyncIterator]();
    expect(await pieces.next()).to.deep.equal({ done: false, value: "<p>a" });
    const next = pieces.next();
    late.callback("<b>");
    expect(await next).to.deep.equal({ done: false, value: "&lt;b&gt;" });
    expect(await pieces.next()).to.deep.equal({ done: false, value: "c</p>" });
    expect((await pieces.next()).done).to.be.true;
  });

  const LATE: readonly [what: string, child: () => HtmlChild, pieces: readonly string[]][] = [
    ["a promise of text", () => Promise.resolve("<"), ["(", "&lt;", ")"]],
    [
      "a promise of a template",
      () => Promise.resolve(html`<i>${"&"}</i>`),
      ["(", "<i>&amp;</i>", ")"],
    ],
    ["a promise of nothing", () => Promise.resolve(null), ["(", ")"]],
    ["a promise of an array", () => Promise.resolve(["a", html`<i>`]), ["(", "a<i>", ")"]],
    ["a Deferred", () => Deferred.succeed("a"), ["(", "a", ")"]],
    [
      "an async generator",
      () => some("a", 1, false, html`<i>`, some("<")),
      ["(", "a", "1", "<i>", "&lt;", ")"],
    ],
    [
      "an array of promises",
      () => [Promise.resolve("a"), "b", Promise.resolve("c")],
      ["(", "a", "b", "c", ")"],
    ],
    [
      "a template with a promise",
      () => html`<i>${Promise.resolve("a")}</i>`,
      ["(<i>", "a", "</i>)"],
    ],
    [
      "a promise of a template with one",
      () => Promise.resolve(html`<i>${Promise.resolve("a")}`),
      ["(", "<i>", "a", ")"],
    ],
    ["a stream of text", () => ReadableStream.from(["a", "<"]), ["(", "a", "&lt;", ")"]],
    [
      "a stream of bytes, letters cut in two",
      () => bytes([0x3c, 0xc3], [0xa9], [0xa9]),
      ["(", "&lt;", "é", "\ufffd", ")"],
    ],
    ["a stream that ends in half a letter", () => bytes([0xc3]), ["(", "\ufffd", ")"]],
  ];
  for (const [what, child, pieces] of LATE) {
    it(`waits for ${what}`, async () => {
      const page = html`(${child()})`;
      expect(page.whole).to.be.undefined;
      expect(await collect(page)).to.deep.equal(pieces);
    });
  }

  it("throws where it is iterated what a child rejects with, and only there", async () => {
    const cause = new Error("child");
    const after = endless("x");
    const page = html`<p>${Promise.reject(cause)}${after}</p>`;
    await new Promise(setImmediate);
    const pieces = page[Symbol.asyncIterator]();
    expect(await pieces.next()).to.deep.equal({ done: false, value: "<p>" });
    expect(await failure(pieces.next())).to.equal(cause);
    expect(after.stopped).to.equal(1);
    expect((await pieces.next()).done).to.be.true;
  });

  it("throws what a generator throws, and what is no child", async () => {
    const cause = new Error("generator");
    const broken = (async function* (): AsyncGenerator<HtmlChild> {
      yield "a";
      throw cause;
    })();
    expect(await failure(collect(html`${broken}`))).to.equal(cause);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the types would not let pass
    expect(await failure(collect(html`${some({} as HtmlChild)}`))).to.be.instanceOf(TypeError);
  });

  it("stops its children when nobody wants more: the one whose turn it is and those after", async () => {
    const [before, now, after] = [endless("x"), endless("y"), endless("z")];
    const cancelled: unknown[] = [];
    const stream = new ReadableStream({
      cancel: (reason) => void cancelled.push(reason ?? "cancelled"),
    });
    const page = html`${html`<p>${now}</p>`}${after}${Promise.resolve(1)}${stream}`;
    for await (const piece of page) if (piece === "y") break;
    expect([before.stopped, now.stopped, after.stopped]).to.deep.equal([0, 1, 1]);
    expect(cancelled).to.deep.equal(["cancelled"]);
  });

  it("stops them before it has begun, and while one of them is waited for", async () => {
    const [first, second] = [endless("x"), endless("y")];
    await html`${first}`[Symbol.asyncIterator]().return?.();
    expect(first.stopped).to.equal(1);
    const late = new Deferred<string>();
    const pieces = html`${late}${second}`[Symbol.asyncIterator]();
    const next = pieces.next();
    const stopped = pieces.return?.();
    await new Promise(setImmediate);
    expect(second.stopped).to.equal(1);
    late.callback("late");
    expect((await next).value).to.equal("late");
    expect((await stopped)?.done).to.be.true;
  });

  it("does not mind a child that will not be stopped", async () => {
    const stubborn: AsyncIterable<HtmlChild> = {
      [Symbol.asyncIterator]: () => {
        throw new Error("never");
      },
    };
    const plain: AsyncIterable<HtmlChild> = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: true, value: undefined }),
      }),
    };
    for await (const _ of html`a${some("b")}${stubborn}${plain}`) break;
  });
});

describe("resources/html, as a body", () => {
  it("is answered in the same call, with its length, where nothing has to be waited for", () => {
    const reply = new TestClient(serving(() => html`<p>${"<é>"}</p>`)).get("/");
    expect(reply.text).to.equal("<p>&lt;é&gt;</p>");
    expect(reply.headers.get("content-length")).to.equal("17");
    expect(reply.headers.get("content-type")).to.equal("text/html; charset=utf-8");
  });

  it("streams as it renders", async () => {
    const late = new Deferred<string>();
    const reply = new TestClient(serving(() => html`<p>${late}</p>`)).get("/");
    await new Promise(setImmediate);
    expect([reply.text, reply.done]).to.deep.equal(["<p>", false]);
    late.callback("a");
    expect((await reply).text).to.equal("<p>a</p>");
  });

  it("is stopped when the client leaves", async () => {
    const [late, after] = [new Deferred<string>(), endless("y")];
    let stopped = false;
    const slow = (async function* () {
      try {
        yield "x";
        yield await late;
      } finally {
        stopped = true;
      }
    })();
    const reply = new TestClient(serving(() => html`<p>${slow}${after}</p>`)).get("/");
    await new Promise(setImmediate);
    expect(reply.text).to.equal("<p>x");
    reply.disconnect();
    expect(after.stopped).to.equal(1);
    late.callback("too late");
    await new Promise(setImmediate);
    expect(stopped).to.be.true;
  });
});

function serving(render: () => Html): Resource {
  return new (class extends Resource {
    override isLeaf = true;
    override render_GET(): Html {
      return render();
    }
  })();
}
