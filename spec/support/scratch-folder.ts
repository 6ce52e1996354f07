import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder of files that a spec makes, outside the repository, and takes away again. */
export class ScratchFolder {
  readonly path: string = realpathSync(mkdtempSync(join(tmpdir(), "weftline-")));

  /** Writes a file, and the folders above it. Gives its path. */
  write(name: string, text: string): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
