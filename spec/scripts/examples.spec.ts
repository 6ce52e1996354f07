import { readdirSync } from "node:fs";
import { expect } from "chai";
import { loadModule } from "../../lib/scripts/script-loader.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { TestClient } from "../../lib/testing/test-client.ts";
import { logTo } from "../../lib/web/log.ts";
import { Resource } from "../../lib/web/resource.ts";
import { Site } from "../../lib/web/site.ts";

const FOLDER = "examples/scripts";
const PAGE = "<html><body>Sorry to keep you waiting.</body></html>";

/** The examples by name, and how many calls wait on after the client has left. */
const LEFT: Readonly<Record<string, number>> = {
  "asynchronous.resource.ts": 1,
  "asynchronous-call-later.resource.ts": 0,
  "asynchronous-async.resource.ts": 1,
  "interrupted.resource.ts": 0,
  "interrupted-async.resource.ts": 0,
};

interface Begun {
  readonly clock: FakeClock;
  readonly client: TestClient;
  /** What the log has. */
  readonly lines: readonly string[];
}

async function begin(name: string): Promise<Begun> {
  const { exports } = await loadModule(`${process.cwd()}/${FOLDER}/${name}`);
  const resource = exports["default"];
  if (!(resource instanceof Resource)) throw new TypeError(`${name} gives no resource`);
  const clock = new FakeClock();
  const lines: string[] = [];
  const log = logTo((line) => {
    lines.push(line);
  });
  return { clock, client: new TestClient(new Site(resource, { clock, log })), lines };
}

describe("scripts/examples", function () {
  this.timeout(5000); // the translator itself takes a while to load

  it("are all here", () => {
    const late = readdirSync(FOLDER).filter((name) => name !== "hello.resource.ts");
    expect(late.toSorted()).to.deep.equal(Object.keys(LEFT).toSorted());
  });

  for (const [name, left] of Object.entries(LEFT)) {
    it(`${name} says nothing for 4,999 ms, and all at 5,000`, async () => {
      const { clock, client } = await begin(name);
      const reply = client.get("/");
      await clock.advanceAsync(4999);
      expect(reply.status).to.equal(undefined);
      await clock.advanceAsync(1);
      expect(reply.done).to.equal(true);
      expect(reply.status).to.equal(200);
      expect(reply.headers.get("content-type")).to.equal("text/html; charset=utf-8");
      expect(reply.text).to.equal(PAGE);
      expect(clock.pending).to.have.length(0);
    });

    it(`${name} has ${left === 0 ? "nothing" : "its call"} to do when the client has left`, async () => {
      const { clock, client, lines } = await begin(name);
      const reply = client.get("/");
      await clock.advanceAsync(1000);
      expect(clock.pending).to.have.length(1);
      reply.disconnect();
      await clock.advanceAsync(0);
      expect(clock.pending).to.have.length(left);
      await clock.advanceAsync(10_000);
      expect(reply.text).to.equal("");
      expect(lines).to.deep.equal([]);
    });
  }
});
