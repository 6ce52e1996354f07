import { expect, use } from "chai";
import { chaiWeftline } from "../../lib/testing/chai.ts";
import { CookieJar } from "../../lib/testing/cookie-jar.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { TestConnection } from "../../lib/testing/test-connection.ts";
import type { FinishedReply, TestReply } from "../../lib/testing/test-reply.ts";
import { memoryPair } from "../../lib/transport/memory.ts";

use(chaiWeftline);

const open: TestConnection[] = [];

/** The reply to a request, when these bytes have come. */
function replyOf(bytes: string): TestReply {
  const { client, server } = memoryPair();
  const clock = new FakeClock();
  const jar = new CookieJar(() => clock.now());
  const connection = new TestConnection(client, { clock, jar, headers: undefined });
  open.push(connection);
  const reply = connection.request("GET", "/");
  server.write(bytes);
  return reply;
}

const JSON_REPLY = 'HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 7\r\n\r\n{"a":1}';

const PASSES: readonly (readonly [string, (reply: TestReply | FinishedReply) => unknown])[] = [
  ["status(200)", (reply) => expect(reply).to.have.status(200)],
  ["not status(404)", (reply) => expect(reply).not.to.have.status(404)],
  ["header(name)", (reply) => expect(reply).to.have.header("x-a")],
  ["not header(name)", (reply) => expect(reply).not.to.have.header("x-b")],
  ["header(name, value)", (reply) => expect(reply).to.have.header("X-A", "b")],
  ["header(name, regexp)", (reply) => expect(reply).to.have.header("x-a", /^b$/)],
  ["not header(name, value)", (reply) => expect(reply).not.to.have.header("x-a", "c")],
  ["body(text)", (reply) => expect(reply).to.have.body('{"a":1}')],
  ["body(regexp)", (reply) => expect(reply).to.have.body(/"a"/)],
  ["body(bytes)", (reply) => expect(reply).to.have.body(new TextEncoder().encode('{"a":1}'))],
  ["body(object)", (reply) => expect(reply).to.have.body({ a: 1 })],
  ["not body(object)", (reply) => expect(reply).not.to.have.body({ a: 2 })],
  ["a chain", (reply) => expect(reply).to.have.status(200).and.header("x-a", "b").and.body(/a/)],
];

const FAILS: readonly (readonly [string, (reply: TestReply) => unknown, message: string])[] = [
  [
    "status(201)",
    (reply) => expect(reply).to.have.status(201),
    String.raw`expected the reply, 200 with "{\"a\":1}", to have status 201`,
  ],
  [
    "not status(200)",
    (reply) => expect(reply).not.to.have.status(200),
    String.raw`expected the reply, 200 with "{\"a\":1}", not to have status 200`,
  ],
  [
    "header(name)",
    (reply) => expect(reply).to.have.header("x-b"),
    "expected the reply to have a field x-b, but it has none",
  ],
  [
    "header(name, value)",
    (reply) => expect(reply).to.have.header("x-a", "c"),
    "expected the reply to have a field x-a with 'c', but it has 'b'",
  ],
  [
    "header(name, regexp)",
    (reply) => expect(reply).to.have.header("x-a", /c/),
    "expected the reply to have a field x-a with /c/, but it has 'b'",
  ],
  [
    "body(text)",
    (reply) => expect(reply).to.have.body("x"),
    `expected the body of the reply to be 'x', but it is '{"a":1}'`,
  ],
  [
    "body(object)",
    (reply) => expect(reply).to.have.body({ a: 2 }),
    "expected the body of the reply to be { a: 2 }, but it is { a: 1 }",
  ],
];

describe("testing/chai", () => {
  afterEach(() => {
    for (const connection of open.splice(0)) connection.reset();
  });

  for (const [title, look] of PASSES) {
    it(`${title} holds, of a reply so far and of a finished one`, async () => {
      const reply = replyOf(JSON_REPLY);
      look(reply);
      look(await reply);
    });
  }

  for (const [title, look, message] of FAILS) {
    it(`${title} says what was found instead`, () => {
      expect(() => look(replyOf(JSON_REPLY))).to.throw(message);
    });
  }

  it("says that no head has come", () => {
    expect(() => expect(replyOf("")).to.have.status(200)).to.throw(
      "expected the reply, which has no head yet, to have status 200",
    );
  });

  it("compares a body that is no JSON as the text that it is", () => {
    const reply = replyOf("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    expect(() => expect(reply).to.have.body({})).to.throw("but it is ''");
    expect(() => expect(reply).to.have.status(404)).to.throw("expected the reply, 200, to");
  });

  for (const [title, value] of [
    ["a number", 200],
    ["null", null],
    ["another object", { status: 200 }],
  ] as const) {
    it(`throws for ${title}`, () => {
      expect(() => expect(value).to.have.status(200)).to.throw(TypeError, "expected a reply, not");
    });
  }
});
