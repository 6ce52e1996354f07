import { Writable } from "node:stream";
import { Terminal } from "../../lib/cli/terminal.ts";

class Recording extends Writable {
  text = "";

  override _write(chunk: Buffer, _encoding: string, taken: () => void): void {
    this.text += chunk.toString();
    taken();
  }
}

/** A terminal, and what was written to it. */
export interface RecordingTerminal {
  readonly terminal: Terminal;
  /** All of standard output so far. */
  readonly out: () => string;
  /** All of standard error so far. */
  readonly err: () => string;
}

export function recordingTerminal(): RecordingTerminal {
  const [out, err] = [new Recording(), new Recording()];
  return { terminal: new Terminal(out, err), out: () => out.text, err: () => err.text };
}
