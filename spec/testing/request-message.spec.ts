import { expect } from "chai";
import {
  bareRequest,
  checkedMethod,
  latin1,
  requestMessage,
  type TestHeaders,
  type TestMessageInit,
  target,
} from "../../lib/testing/request-message.ts";

function text(init: TestMessageInit, own: readonly TestHeaders[] = []): string {
  const { head, body } = requestMessage("POST", "/p", init, own);
  return head + body;
}

const LINE = "POST /p HTTP/1.1\r\nHost: localhost\r\n";

const CASES: readonly (readonly [title: string, init: TestMessageInit, text: string])[] = [
  ["nothing", {}, `${LINE}\r\n`],
  [
    "text",
    { body: "hi" },
    `${LINE}Content-Type: text/plain;charset=UTF-8\r\nContent-Length: 2\r\n\r\nhi`,
  ],
  [
    "text beyond ASCII",
    { body: "é" },
    `${LINE}Content-Type: text/plain;charset=UTF-8\r\nContent-Length: 2\r\n\r\n\xc3\xa9`,
  ],
  [
    "empty text",
    { body: "", headers: { "content-type": "x/y" } },
    `${LINE}content-type: x/y\r\nContent-Length: 0\r\n\r\n`,
  ],
  ["bytes", { body: new Uint8Array([0, 255]) }, `${LINE}Content-Length: 2\r\n\r\n\0\xff`],
  [
    "a form",
    { body: new URLSearchParams({ a: "b c" }) },
    `${LINE}Content-Type: application/x-www-form-urlencoded;charset=UTF-8\r\nContent-Length: 5\r\n\r\na=b+c`,
  ],
  [
    "JSON",
    { json: { a: 1 } },
    `${LINE}Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}`,
  ],
  [
    "a host of its own",
    { headers: { HOST: "example.org" } },
    "POST /p HTTP/1.1\r\nHOST: example.org\r\n\r\n",
  ],
  ["HTTP/1.0", { version: "1.0" }, "POST /p HTTP/1.0\r\nHost: localhost\r\n\r\n"],
  [
    "a length that lies",
    { body: "hi", headers: { "Content-Length": "3", "content-type": "a/b" } },
    `${LINE}content-type: a/b\r\nContent-Length: 3\r\n\r\nhi`,
  ],
  ["a list of values", { headers: { "X-A": ["1", "2"] } }, `${LINE}X-A: 1\r\nX-A: 2\r\n\r\n`],
  [
    "pairs, where a name may come again",
    {
      headers: [
        ["X-A", "1"],
        ["X-B", "2"],
        ["X-A", "3"],
      ],
    },
    `${LINE}X-A: 1\r\nX-A: 3\r\nX-B: 2\r\n\r\n`,
  ],
  ["a map", { headers: new Map([["X-A", "1"]]) }, `${LINE}X-A: 1\r\n\r\n`],
  ["an expectation", { expectContinue: true }, `${LINE}Expect: 100-continue\r\n\r\n`],
];

describe("testing/request-message", () => {
  for (const [title, init, expected] of CASES) {
    it(`writes down a request with ${title}`, () => {
      expect(text(init)).to.equal(expected);
    });
  }

  it("lets fields of the request replace those of the client", () => {
    expect(text({ headers: { "x-a": "2" } }, [{ "X-A": "1", "X-B": "1" }])).to.equal(
      `${LINE}x-a: 2\r\nX-B: 1\r\n\r\n`,
    );
  });

  it("leaves pieces to be sent later, as chunks", () => {
    const message = requestMessage("POST", "/p", { body: ["a", "b"] }, []);
    expect(message).to.deep.equal({
      head: `${LINE}Transfer-Encoding: chunked\r\n\r\n`,
      body: "",
      pieces: ["a", "b"],
      chunked: true,
    });
  });

  it("leaves an upload to be sent later, as it is where its length is known", () => {
    const init = { upload: true, headers: { "Content-Length": "9" } };
    expect(requestMessage("POST", "/p", init, [])).to.deep.equal({
      head: `${LINE}Content-Length: 9\r\n\r\n`,
      body: "",
      pieces: undefined,
      chunked: false,
    });
  });

  it("has the platform write a form with files", () => {
    const form = new FormData();
    form.set("a", "b");
    const { head, pieces, chunked } = requestMessage("POST", "/p", { body: form }, []);
    expect(head).to.match(/Content-Type: multipart\/form-data; boundary=\S+\r\n/);
    expect(pieces).to.have.property(Symbol.asyncIterator);
    expect(chunked).to.equal(true);
  });

  it("does not add a length beside a coding of the test's own", () => {
    const init = { body: "x", headers: { "Transfer-Encoding": "chunked", "Content-Type": "a/b" } };
    expect(text(init)).to.equal(`${LINE}Content-Type: a/b\r\nTransfer-Encoding: chunked\r\n\r\nx`);
  });

  it("refuses pieces without a length in HTTP/1.0", () => {
    expect(() => text({ body: ["x"], version: "1.0" })).to.throw(TypeError, "Content-Length");
  });

  for (const [name, value] of [
    ["a b", "x"],
    ["", "x"],
    ["a", "x\r\ny: z"],
    ["a", "\0"],
    ["a", "☃"],
  ] as const) {
    it(`refuses the field ${JSON.stringify(name)}: ${JSON.stringify(value)}`, () => {
      expect(() => text({ headers: { [name]: value } })).to.throw(TypeError, "field");
    });
  }

  for (const [path, sent] of [
    ["/a/b?c=d", "/a/b?c=d"],
    ["*", "*"],
    ["http://h/a", "http://h/a"],
    ["/a b", "/a%20b"],
    ["/käse☃", "/k%C3%A4se%E2%98%83"],
    ["/100%", "/100%"],
  ] as const) {
    it(`asks for ${path} as ${sent}`, () => {
      expect(target(path)).to.equal(sent);
    });
  }

  it("refuses an empty path", () => {
    expect(() => target("")).to.throw(TypeError, "an empty path");
  });

  it("refuses what is not a method", () => {
    expect(checkedMethod("M-SEARCH")).to.equal("M-SEARCH");
    expect(() => checkedMethod("G ET")).to.throw(TypeError, '"G ET" is not a method');
  });

  it("writes the smallest request", () => {
    expect(bareRequest("GET", "/")).to.equal("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  });

  it("takes text as UTF-8 and bytes as they are", () => {
    expect(latin1("é")).to.equal("\xc3\xa9");
    expect(latin1(new Uint8Array([0x61, 0xff]))).to.equal("a\xff");
  });
});
