import { expect } from "chai";
import type { Exchange } from "../../lib/channel/exchange.ts";
import { Headers } from "../../lib/http/headers.ts";
import { AmendedExchange, addVary, WrappedExchange } from "../../lib/resources/wrapped-exchange.ts";
import { TestClient } from "../../lib/testing/test-client.ts";
import { NOT_DONE_YET } from "../../lib/web/body.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";

/** Calls the exchange itself, as a request does. */
class Page extends Resource {
  readonly #act: (exchange: Exchange, request: Request) => void;

  constructor(act: (exchange: Exchange, request: Request) => void) {
    super();
    this.#act = act;
  }

  override render_POST(request: Request): typeof NOT_DONE_YET {
    request.wrapExchange((exchange) => {
      this.#act(exchange, request);
      return exchange;
    });
    return NOT_DONE_YET;
  }
}

const head = () => ({ status: 200, reason: "", headers: new Headers() });

const amended = (inner: Exchange): Exchange =>
  new AmendedExchange(inner, ({ headers }) => headers.set("X-Added", "yes"));

describe("resources/wrapped-exchange", () => {
  it("passes everything on", async () => {
    const page = new Page((inner, request) => {
      const exchange = new WrappedExchange(inner);
      for (const name of [
        "head",
        "client",
        "local",
        "secure",
        "bytesSent",
        "begun",
        "listener",
      ] as const) {
        expect(exchange[name], name).to.equal(inner[name]);
      }
      exchange.attach(request);
      expect(Buffer.from(exchange.take() ?? "").toString()).to.equal("body");
      exchange.inform(103, new Headers({ Link: "</a>" }));
      exchange.start(head(), "a");
      exchange.write("b");
      exchange.finish();
    });
    const reply = await new TestClient(page).post("/", { body: "body" });
    expect([reply.informational.length, reply.text]).to.deep.equal([1, "ab"]);
  });

  it("passes on a whole answer, and a break", () => {
    const whole = new Page((inner) => new WrappedExchange(inner).respond(head(), "whole"));
    expect(new TestClient(whole).post("/").text).to.equal("whole");
    const broken = new Page((inner) => new WrappedExchange(inner).abort());
    expect(new TestClient(broken).post("/").failure).to.be.instanceOf(Error);
  });

  it("amends the head of a whole answer and of one in pieces", () => {
    for (const act of [
      (inner: Exchange) => amended(inner).respond(head(), ""),
      (inner: Exchange) => amended(inner).start(head(), ""),
    ]) {
      expect(new TestClient(new Page(act)).post("/").headers.get("x-added")).to.equal("yes");
    }
  });

  for (const [before, after] of [
    [null, "Origin"],
    ["Accept", "Accept, Origin"],
    ["Accept, ORIGIN", "Accept, ORIGIN"],
    ["*", "*"],
    ["X-Origin", "X-Origin, Origin"],
  ] as const) {
    it(`adds Origin to Vary: ${before}`, () => {
      const headers = new Headers(before === null ? {} : { Vary: before });
      addVary(headers, "Origin");
      expect(headers.get("vary")).to.equal(after);
    });
  }

  it("is too late when the head is out", () => {
    const page = new Page((inner) => inner.respond(head(), ""));
    class Late extends Resource {
      override render_POST(request: Request): typeof NOT_DONE_YET {
        request.write("x");
        expect(() => request.wrapExchange((inner) => inner)).to.throw(
          "the head of the response is out",
        );
        request.finish();
        return NOT_DONE_YET;
      }
    }
    expect(new TestClient(new Late()).post("/").text).to.equal("x");
    expect(new TestClient(page).post("/").status).to.equal(200);
  });
});
