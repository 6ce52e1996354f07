import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FakeClock, TestClient } from "weftline/testing";
import patience from "../site/patience.resource.ts";

describe("patience", () => {
  it("answers after five seconds, of a clock that is moved by hand", () => {
    const clock = new FakeClock();
    const reply = new TestClient(patience, { clock }).get("/");
    clock.advance(4999);
    assert.equal(reply.done, false);
    clock.advance(1);
    assert.equal(reply.text, "Sorry to keep you waiting.\n");
  });

  it("waits for nobody who has left", () => {
    const clock = new FakeClock();
    const reply = new TestClient(patience, { clock }).get("/");
    reply.disconnect();
    assert.equal(clock.pending.length, 0);
  });
});
