import { expect } from "chai";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { Troubles } from "../../lib/transport/troubles.ts";

describe("transport/troubles", () => {
  it("tells of the first one at once and of one a second after it", () => {
    const clock = new FakeClock();
    const told: string[] = [];
    const troubles = new Troubles(clock, ({ message }) => told.push(message));
    for (const [at, message] of [
      [0, "first"],
      [0, "unheard"],
      [999, "unheard as well"],
      [1_000, "second"],
      [1_999, "unheard again"],
    ] as const) {
      clock.advance(at - clock.now());
      troubles.report(new Error(message));
    }
    expect(told).to.deep.equal(["first", "second"]);
  });

  it("says each time that descriptors are lacking, and of nothing else", () => {
    let shortages = 0;
    const troubles = new Troubles(
      new FakeClock(),
      () => undefined,
      () => (shortages += 1),
    );
    for (const code of ["EMFILE", "ENFILE", "ECONNABORTED"]) {
      troubles.report(Object.assign(new Error("no"), { code }));
    }
    troubles.report(new Error("no"));
    expect(shortages).to.equal(2);
  });

  for (const [descriptor, isTold] of [
    [undefined, false],
    [91, false],
    [92, true],
    [99, true],
  ] as const) {
    it(`${isTold ? "tells" : "does not tell"} of descriptor ${descriptor} where 100 may be open`, () => {
      const told: unknown[] = [];
      const troubles = new Troubles(
        new FakeClock(),
        (trouble) => told.push(trouble),
        undefined,
        100,
      );
      troubles.watch(descriptor);
      expect(told).to.have.lengthOf(isTold ? 1 : 0);
      if (isTold) expect(told[0]).to.have.property("code", "EMFILE");
    });
  }
});
