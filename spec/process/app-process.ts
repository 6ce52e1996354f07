import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";

/** The reference app as a process of its own; see `bench/apps/`. */
export class AppProcess {
  readonly port: number;
  readonly #process: ChildProcess;
  #errors = "";

  private constructor(child: ChildProcess, port: number) {
    this.#process = child;
    this.port = port;
    child.stderr?.on("data", (text: Buffer) => {
      this.#errors += text.toString();
    });
  }

  /** Starts it; `openFiles` is how many descriptors it may have. */
  static async start(openFiles?: number): Promise<AppProcess> {
    const node = [
      process.execPath,
      "--import",
      "./spec/support/strip-types.mjs",
      "--conditions=weftline-source",
      "bench/apps/weftline.ts",
      "0",
    ];
    const limit = openFiles === undefined ? "" : `ulimit -n ${openFiles} && `;
    const child = spawn("sh", ["-c", `${limit}exec "$@"`, "sh", ...node], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    for await (const text of child.stdout) {
      out += String(text);
      const [, port] = /ready: http:\/\/[^:]+:(\d+)\//.exec(out) ?? [];
      if (port !== undefined) {
        child.stdout.resume();
        return new AppProcess(child, Number(port));
      }
    }
    throw new Error(`the app did not start: ${out}`);
  }

  /** What it wrote to standard error. */
  get errors(): string {
    return this.#errors;
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Memory that it holds, in bytes. */
  get residentBytes(): number {
    return this.#figure(/^VmRSS:\s+(\d+) kB/m) * 1_024;
  }

  /** The most that it ever held, in bytes. */
  get peakBytes(): number {
    return this.#figure(/^VmHWM:\s+(\d+) kB/m) * 1_024;
  }

  /** Open files and sockets. */
  get descriptors(): number {
    return readdirSync(`/proc/${this.#process.pid ?? 0}/fd`).length;
  }

  /** Processor time so far, in ms. */
  get cpuMs(): number {
    const stat = readFileSync(`/proc/${this.#process.pid ?? 0}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  async stop(): Promise<void> {
    if (!this.running) return;
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exit;
  }

  #figure(line: RegExp): number {
    const status = readFileSync(`/proc/${this.#process.pid ?? 0}/status`, "utf8");
    return Number(line.exec(status)?.[1]);
  }
}
