import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { expect } from "chai";

interface Outcome {
  readonly fullTitle: string;
  readonly err: { readonly message?: string };
}

interface Outcomes {
  readonly passes: readonly Outcome[];
  readonly failures: readonly Outcome[];
}

/** The outcome of the leaky suite under the hooks, in a mocha of its own. */
function run(): Promise<Outcomes> {
  const args = [
    "--import=./spec/support/strip-types.mjs",
    "--conditions=weftline-source",
    "node_modules/mocha/bin/mocha.js",
    "--no-config",
    "--reporter=json",
    "--require=./lib/testing/mocha.ts",
    "spec/support/leaky-suite.mjs",
  ];
  return new Promise((done, fail) => {
    execFile(process.execPath, args, { cwd: resolve(".") }, (_failed, stdout, stderr) => {
      try {
        done(JSON.parse(stdout.slice(stdout.indexOf("{\n"))) as Outcomes);
      } catch (error) {
        fail(new Error(`${stdout}${stderr}`, { cause: error }));
      }
    });
  });
}

describe("testing/mocha", () => {
  it("fails each test that leaves something, says what and where, and goes on", async function test() {
    this.timeout(20_000);
    this.slow(5_000);
    const { passes, failures } = await run();
    const messages = failures.map(({ fullTitle, err }) => `${fullTitle}: ${err.message ?? ""}`);
    expect(messages).to.have.length(3);
    expect(messages[0]).to.match(
      /^leaky leaves a call: left behind:\n {2}- a delayed call, .*; started at .*leaky-suite\.mjs:13:17$/,
    );
    expect(messages[1]).to.match(/^leaky leaves a Deferred and a rejection: /);
    expect(messages[1]).to.match(/- a Deferred, .*; started at .*leaky-suite\.mjs:21:10\n/);
    expect(messages[1]).to.match(/- an unhandled rejection: Error: lost/);
    expect(messages[2]).to.equal("leaky fails, and leaves a call: its own failure");
    const clean = ["leaky leaves a call to a hook of its own", "leaky leaves nothing"];
    expect(passes.map(({ fullTitle }) => fullTitle)).to.include.members(clean);
  });
});
