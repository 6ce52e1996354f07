import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";

/** From the sources, as they stand. */
export const NODE_OPTIONS: string = [
  `--import=${resolve("spec/support/strip-types.mjs")}`,
  "--conditions=weftline-source",
].join(" ");
export const MAIN: string = resolve("lib/cli/main.ts");
const URL_LINE = /^Listening at (.*)$/gm;

/** How a process ended: its exit code, or the signal that killed it. */
export type Exit = number | NodeJS.Signals | null;

/** `weftline`, in a process of its own. */
export class CommandProcess {
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  #out = "";
  #err = "";

  constructor(words: readonly string[], cwd: string = process.cwd(), env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [MAIN, ...words], {
      cwd,
      env: { ...process.env, NODE_ENV: "", NODE_OPTIONS, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stdout?.on("data", (text: Buffer) => {
      this.#out += text.toString();
    });
    this.child.stderr?.on("data", (text: Buffer) => {
      this.#err += text.toString();
    });
    this.exited = once(this.child, "close").then(
      ([code, signal]: (number | NodeJS.Signals | null)[]) => code ?? signal ?? null,
    );
  }

  get out(): string {
    return this.#out;
  }

  get err(): string {
    return this.#err;
  }

  /** Waits until `text` was printed, or the process has ended. */
  async printed(text: string | RegExp): Promise<void> {
    const found = (): boolean =>
      typeof text === "string" ? this.#out.includes(text) : text.test(this.#out);
    while (!found() && this.child.exitCode === null && this.child.stdout?.readable === true) {
      await Promise.race([once(this.child.stdout, "data"), this.exited]);
    }
  }

  /** Where it listens, when it does. */
  async urls(count = 1): Promise<string[]> {
    for (;;) {
      const urls = [...this.#out.matchAll(URL_LINE)].map(([, url = ""]) => url);
      if (urls.length >= count) return urls;
      if (this.child.exitCode !== null) throw new Error(`it ended: ${this.#err}`);
      await Promise.race([once(this.child.stdout ?? this.child, "data"), this.exited]);
    }
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Ends it, whatever it does. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited;
  }
}
