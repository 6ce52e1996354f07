import { connect } from "node:net";
import { expect } from "chai";
import { Failure } from "../../lib/cli/failure.ts";
import { serve } from "../../lib/cli/serve.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { NOT_DONE_YET } from "../../lib/web/body.ts";
import { Resource } from "../../lib/web/resource.ts";
import { Site } from "../../lib/web/site.ts";
import { recordingTerminal } from "./recording-terminal.ts";

const ENDPOINT = "tcp:0:interface=127.0.0.1";

class Held extends Resource {
  override isLeaf = true;
  readonly begun: Promise<void>;
  override render_GET: () => typeof NOT_DONE_YET = () => NOT_DONE_YET;

  constructor() {
    super();
    this.begun = new Promise((resolve) => {
      this.render_GET = () => {
        resolve();
        return NOT_DONE_YET;
      };
    });
  }
}

function siteOf(root: Resource, clock = new FakeClock()): Site {
  return new Site(root, { clock });
}

describe("cli/serve", () => {
  it("ends at once when it was told to before it listens", async () => {
    const { terminal, out, err } = recordingTerminal();
    const ending = Promise.resolve({ graceMs: 30_000, exitCode: 0 });
    expect(await serve(siteOf(new Resource()), [ENDPOINT, ENDPOINT], ending, terminal)).to.equal(0);
    expect(out()).to.match(/^(Listening at http:\/\/127\.0\.0\.1:\d+\/\n){2}$/);
    expect(err()).to.equal("");
  });

  it("cuts off what is in progress when the grace is over, says so, and keeps the exit code", async () => {
    const { terminal, out, err } = recordingTerminal();
    const held = new Held();
    const clock = new FakeClock();
    let end: ((ending: { graceMs: number; exitCode: number }) => void) | undefined;
    const ending = new Promise<{ graceMs: number; exitCode: number }>((resolve) => {
      end = resolve;
    });
    const served = serve(siteOf(held, clock), [ENDPOINT], ending, terminal);
    while (out() === "") await new Promise(setImmediate);
    const socket = connect(Number(/:(\d+)\//.exec(out())?.[1]), "127.0.0.1");
    socket.on("error", () => undefined); // it is reset
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await held.begun;
    end?.({ graceMs: 30_000, exitCode: 1 });
    await new Promise(setImmediate);
    clock.advance(30_000);
    await new Promise((resolve) => {
      socket.resume().once("close", resolve);
    });
    expect(await served).to.equal(1);
    expect(err()).to.equal("warning: 1 requests were cut off after 30 s\n");
  });

  it("listens nowhere when it cannot listen everywhere", async () => {
    const { terminal, out } = recordingTerminal();
    const ending = Promise.resolve({ graceMs: 0, exitCode: 0 });
    const site = siteOf(new Resource());
    const other = await siteOf(new Resource()).listen(ENDPOINT);
    const endpoints = [ENDPOINT, `tcp:${other.port}:interface=127.0.0.1`];
    const error: unknown = await serve(site, endpoints, ending, terminal).catch(
      (reason: unknown) => reason,
    );
    expect(error).to.be.an.instanceOf(Failure).with.property("exitCode", 1);
    expect(out()).to.equal("");
    await other.close();
  });
});
