// chai is the user's: this file takes its types only, and is handed the library itself.

import { inspect, isDeepStrictEqual } from "node:util";
import type { use } from "chai";
import { quoted } from "./reply-error.ts";
import type { FinishedReply, TestReply } from "./test-reply.ts";

declare global {
  // oxlint-disable-next-line typescript/no-namespace -- the types of chai are extended in this way
  namespace Chai {
    interface Assertion {
      /** The reply has this status. A failure quotes the body. */
      status(code: number): Assertion;
      /** The reply has this field; with this value, or one that matches. */
      header(name: string, value?: string | RegExp): Assertion;
      /** The body so far is this text or these bytes, matches, or is JSON deeply equal to this value. */
      body(expected: unknown): Assertion;
    }
  }
}

type Reply = TestReply | FinishedReply;

/**
 * Expectations of replies, for `chai.use(chaiWeftline)`: `expect(reply).to.have.status(200)`, `.header("etag", /^W/)`, `.body("hello")`.
 *
 * They look at what has come so far, and can be chained: `expect(reply).to.have.status(200).and.header("allow", "GET")`.
 */
export function chaiWeftline({ Assertion }: ReturnType<typeof use>): void {
  Assertion.addMethod("status", status);
  Assertion.addMethod("header", header);
  Assertion.addMethod("body", body);
}

function status(this: Chai.AssertionStatic, code: number): void {
  const reply = subject(this);
  this.assert(
    reply.status === code,
    `expected ${described(reply)} to have status #{exp}`,
    `expected ${described(reply)} not to have status #{exp}`,
    code,
    reply.status,
  );
}

function header(this: Chai.AssertionStatic, name: string, value?: string | RegExp): void {
  const actual = subject(this).headers.get(name);
  const field = `a field ${name}${value === undefined ? "" : " with #{exp}"}`;
  this.assert(
    fits(actual, value),
    `expected the reply to have ${field}, but it has ${actual === null ? "none" : "#{act}"}`,
    `expected the reply not to have ${field}`,
    value,
    actual,
  );
}

function body(this: Chai.AssertionStatic, expected: unknown): void {
  const actual = comparable(subject(this), expected);
  this.assert(
    expected instanceof RegExp
      ? expected.test(String(actual))
      : isDeepStrictEqual(actual, expected),
    "expected the body of the reply to be #{exp}, but it is #{act}",
    "expected the body of the reply not to be #{exp}",
    expected,
    actual,
    true,
  );
}

function subject(assertion: Chai.AssertionStatic): Reply {
  // oxlint-disable-next-line no-underscore-dangle -- the name is chai's
  const reply: unknown = assertion._obj;
  if (isReply(reply)) return reply;
  throw new TypeError(`expected a reply, not ${inspect(reply)}`);
}

function isReply(value: unknown): value is Reply {
  return typeof value === "object" && value !== null && "status" in value && "headers" in value;
}

function described(reply: Reply): string {
  const { text } = reply;
  if (reply.status === undefined) return "the reply, which has no head yet,";
  return `the reply, ${reply.status}${text === "" ? "" : ` with ${quoted(text)}`},`;
}

function fits(actual: string | null, value: string | RegExp | undefined): boolean {
  if (actual === null || value === undefined) return actual !== null;
  return typeof value === "string" ? actual === value : value.test(actual);
}

/** The body in the form in which it is compared; text that is no JSON as text. */
function comparable(reply: Reply, expected: unknown): unknown {
  if (typeof expected === "string" || expected instanceof RegExp) return reply.text;
  if (expected instanceof Uint8Array) return reply.bytes;
  try {
    return reply.json();
  } catch {
    return reply.text;
  }
}
