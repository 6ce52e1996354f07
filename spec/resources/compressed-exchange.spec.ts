import { expect } from "chai";
import type { Exchange } from "../../lib/channel/exchange.ts";
import { CompressedExchange } from "../../lib/resources/compressed-exchange.ts";
import { WrappedExchange } from "../../lib/resources/wrapped-exchange.ts";
import type { Request } from "../../lib/web/request.ts";

const NOBODY = {} as unknown as Request;
const PLAN = { codings: [], minBytes: 0, takePlace: () => undefined };

describe("resources/compressed-exchange", () => {
  for (const [inner, expected] of [
    [{ caughtUp: () => false }, false],
    [{ caughtUp: () => true }, true],
    [{ caughtUp: undefined }, true],
  ] as const) {
    it(`${expected ? "has" : "has not"} caught up where what it passes on to says ${inner.caughtUp?.()}`, () => {
      const exchange = new CompressedExchange(inner as unknown as Exchange, NOBODY, PLAN);
      expect(exchange.caughtUp()).to.equal(expected);
    });
  }

  it("has as much unsent as what it passes on to, as long as it packs nothing", () => {
    const inner = { unsent: 3 } as unknown as Exchange;
    expect(new CompressedExchange(inner, NOBODY, PLAN).unsent).to.equal(3);
    expect(new WrappedExchange(inner).unsent).to.equal(3);
  });
});
