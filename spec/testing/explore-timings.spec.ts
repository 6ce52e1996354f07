import { expect } from "chai";
import { deferLater } from "../../lib/defer/defer-later.ts";
import { DeferredLock } from "../../lib/defer/deferred-lock.ts";
import { exploreTimings } from "../../lib/testing/explore-timings.ts";
import type { Drive } from "../../lib/testing/stage.ts";
import { NOT_DONE_YET } from "../../lib/web/body.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";

/** Adds to a number in a store that takes 10 ms to read and to write. */
class Counter extends Resource {
  override isLeaf = true;
  count = 0;
  readonly lock = new DeferredLock();
  readonly #isSafe: boolean;

  constructor(isSafe: boolean) {
    super();
    this.#isSafe = isSafe;
  }

  override render_POST(request: Request): Promise<string> {
    const add = (): Promise<string> => this.#add(request);
    return this.#isSafe ? this.lock.run(add).then((text) => text) : add();
  }

  async #add(request: Request): Promise<string> {
    const by = Number(await request.text());
    const { count } = this;
    await deferLater(request.clock, 10);
    this.count = count + by;
    return String(this.count);
  }
}

const add: Drive = (client) => client.post("/", { body: "1" });

function explore(isSafe: boolean, seed = 1, runs = 30): ReturnType<typeof exploreTimings> {
  let counter = new Counter(isSafe);
  return exploreTimings({
    site: () => {
      counter = new Counter(isSafe);
      return counter;
    },
    drives: [add, add],
    invariant: () => {
      if (counter.count !== 2) throw new Error(`it counted ${counter.count}`);
    },
    seed,
    runs,
  });
}

describe("testing/explore-timings", function suite() {
  this.timeout(20_000);
  this.slow(1_000);

  it("finds an update that is lost when two requests meet", async () => {
    const { findings, runs } = await explore(false);
    expect(runs).to.equal(30);
    expect(findings.map(({ problem }) => problem).join()).to.contain("it counted 1");
  });

  it("finds nothing where a lock keeps them apart", async () => {
    (await explore(true)).assertClean();
  });

  it("shows the order in which things went wrong, and can do it again", async () => {
    const [finding] = (await explore(false)).findings;
    expect(finding?.when).to.match(
      /client 1: the client has sent .*\n.*client 2: the client has sent/s,
    );
    const seed = Number(/seed: (\d+), runs: 1 \}\)$/.exec(finding?.reproduction ?? "")?.[1]);
    const [again] = (await explore(false, seed, 1)).findings;
    expect(again?.when).to.equal(finding?.when);
  });

  it("tries the same orders for the same seed, and others for another", async () => {
    const [one, same, other] = [
      await explore(true, 3, 1),
      await explore(true, 3, 1),
      await explore(true, 4, 1),
    ];
    expect(one.steps).to.deep.equal(same.steps);
    expect(one.steps).not.to.deep.equal(other.steps);
  });

  it("tries a hundred orders unless told otherwise", async () => {
    const report = await exploreTimings({ site: () => new Counter(true), drives: [add] });
    expect(report.runs).to.equal(100);
    report.assertClean();
  });

  it("finds a request that is never answered, and ends scenarios that go on for ever", async () => {
    class Never extends Resource {
      override isLeaf = true;

      override render_GET(): typeof NOT_DONE_YET {
        return NOT_DONE_YET;
      }

      override render_PUT(request: Request): typeof NOT_DONE_YET {
        const beat = (): void => {
          request.write("x");
          request.callLater(1, beat);
        };
        beat();
        return NOT_DONE_YET;
      }
    }
    const never = await exploreTimings({
      site: () => new Never(),
      drives: [(client) => client.get("/")],
      runs: 1,
    });
    expect(never.findings[0]?.problem).to.equal(
      "nothing can happen any more, and not all scenarios are over",
    );
    const endless = await exploreTimings({
      site: () => new Never(),
      drives: [(client) => client.put("/")],
      runs: 1,
    });
    expect(endless.steps.length).to.be.within(1_000, 1_010);
  });
});
