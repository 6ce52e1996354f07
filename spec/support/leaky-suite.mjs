// Tests that leave something behind, for spec/testing/mocha.spec.ts, which runs them in a mocha of their own.
import { afterEach, describe, it } from "mocha";
import { Deferred, systemClock } from "weftline/defer";

describe("leaky", () => {
  let call;

  afterEach(() => {
    call?.cancel();
  });

  it("leaves a call", () => {
    systemClock.callLater(60_000, () => undefined);
  });

  it("leaves a call to a hook of its own", () => {
    call = systemClock.callLater(60_000, () => undefined);
  });

  it("leaves a Deferred and a rejection", () => {
    void new Deferred();
    void Promise.reject(new Error("lost"));
  });

  it("fails, and leaves a call", () => {
    systemClock.callLater(60_000, () => undefined);
    throw new Error("its own failure");
  });

  it("leaves nothing", () => undefined);
});
