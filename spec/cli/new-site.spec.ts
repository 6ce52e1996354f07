import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { init } from "../../lib/cli/init.ts";
import { Values } from "../../lib/cli/values.ts";
import { ScratchFolder } from "../support/scratch-folder.ts";
import { MAIN, NODE_OPTIONS } from "./command-process.ts";
import { recordingTerminal } from "./recording-terminal.ts";

describe("cli/init, the site that it makes", function () {
  this.timeout(20_000); // it starts processes, on a machine that may be busy
  this.slow(3000);

  let folder: ScratchFolder;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    folder = new ScratchFolder();
    await init.run(new Values({}), [folder.path], recordingTerminal().terminal);
    // What npm install would put there, from this checkout.
    mkdirSync(join(folder.path, "node_modules", ".bin"), { recursive: true });
    symlinkSync(resolve("."), join(folder.path, "node_modules", "weftline"));
    symlinkSync(resolve("node_modules/jiti"), join(folder.path, "node_modules", "jiti"));
    const bin = folder.write("node_modules/.bin/weftline", `#!/bin/sh\nexec node ${MAIN} "$@"\n`);
    chmodSync(bin, 0o755);
    const path = `${join(folder.path, "node_modules", ".bin")}${delimiter}${process.env["PATH"] ?? ""}`;
    // jiti/register moves the code, and with it what would count as covered.
    env = { ...process.env, NODE_ENV: "", NODE_V8_COVERAGE: "", NODE_OPTIONS, PATH: path };
  });

  after(() => {
    folder.remove();
  });

  const script = (name: string): string => {
    const text = readFileSync(join(folder.path, "package.json"), "utf8");
    const { scripts } = JSON.parse(text) as { scripts: Record<string, string> };
    return scripts[name] ?? "";
  };

  it("passes its tests", async () => {
    const { stdout } = await promisify(execFile)("sh", ["-c", script("test")], {
      cwd: folder.path,
      env,
    });
    expect(stdout).to.match(/pass 2\b/);
    expect(stdout).to.match(/fail 0\b/);
  });

  it("starts, and serves its page and its script", async () => {
    const words = ["-c", `exec ${script("start")} --listen tcp:0`];
    const child = spawn("sh", words, {
      cwd: folder.path,
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const [line] = (await once(child.stdout, "data")) as [Buffer];
      const [url = ""] = /http:\S+/.exec(line.toString()) ?? [];
      expect(await (await fetch(url)).text()).to.include("It works");
      const leaving = new AbortController();
      const asked = fetch(`${url}patience`, { signal: leaving.signal });
      leaving.abort();
      expect(await asked.catch((error: Error) => error.name)).to.equal("AbortError");
    } finally {
      child.kill("SIGTERM");
      await once(child, "close");
    }
    expect(child.exitCode).to.equal(0);
  });
});
