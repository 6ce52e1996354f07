// The bytes of an uploaded file: in memory while they are few, then in a file that has no name.
import { randomBytes } from "node:crypto";
import { mkdtemp, open, rmdir, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProtocolError } from "../http/protocol-error.ts";
import type { UploadedFile } from "./form.ts";

/** A file as far as an upload needs one; a `FileHandle` is. */
export interface SpoolFile {
  write(bytes: Uint8Array): Promise<{ readonly bytesWritten: number }>;
  read(
    into: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
  close(): Promise<void>;
}

/**
 * A new file, 0600, that nobody else can open: its name, random in a folder of its own, 0700, is gone when this resolves.
 *
 * So there is nothing to be removed later, however the process ends, and nothing to be swept when it starts: the system frees the
 * space when the file is closed.
 */
export async function openUnnamed(parent: string = tmpdir()): Promise<SpoolFile> {
  const folder = await mkdtemp(join(parent, "weftline-upload-"));
  try {
    const path = join(folder, randomBytes(16).toString("hex"));
    const file = await open(path, "wx+", 0o600);
    await unlink(path);
    return file;
  } finally {
    await rmdir(folder);
  }
}

/** Bytes that may wait for the disk before the client has to. */
const MAX_BACKLOG = 256 * 1024;

/** What is known of a file before its first byte. */
export interface UploadHead {
  readonly name: string;
  readonly filename: string;
  readonly type: string;
}

/** Where the bytes go. */
export interface Storage {
  /** Bytes of one file that are kept in memory; one more, and all of it goes to a file. */
  readonly memoryBytes: number;
  /** Opens that file. */
  readonly open: () => Promise<SpoolFile>;
}

/**
 * An uploaded file while it comes in, and afterwards.
 *
 * {@link take} bytes, in order; {@link caughtUp} before more, {@link complete} at the end, {@link release} in any case.
 */
export class Upload implements UploadedFile {
  readonly name: string;
  readonly filename: string;
  readonly type: string;
  readonly #storage: Storage;
  #size = 0;
  /** What is not on the disk, or not yet. */
  #held: Uint8Array[] = [];
  #backlog = 0;
  #file: SpoolFile | undefined;
  /** The writing that is going on. It never rejects: what went wrong is in `#failure`. */
  #writing: Promise<void> | undefined;
  #failure: unknown;
  #released = false;

  constructor({ name, filename, type }: UploadHead, storage: Storage) {
    this.name = name;
    this.filename = filename;
    this.type = type;
    this.#storage = storage;
  }

  get size(): number {
    return this.#size;
  }

  /** Takes bytes, which are not to change afterwards. */
  take(bytes: Uint8Array): void {
    this.#size += bytes.length;
    this.#held.push(bytes);
    this.#backlog += bytes.length;
    if (this.#size > this.#storage.memoryBytes) this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    try {
      this.#file ??= await this.#storage.open();
      while (this.#held.length > 0 && !this.#released) {
        const held = this.#held;
        this.#held = [];
        for (const bytes of held) await writeWhole(this.#file, bytes);
        this.#backlog = this.#held.reduce((sum, { length }) => sum + length, 0);
      }
    } catch (error) {
      this.#failure = error;
    }
    this.#writing = undefined;
  }

  /** Undefined while more may come at once, else when. Rejects as {@link complete}. */
  caughtUp(): Promise<void> | undefined {
    return this.#writing !== undefined && this.#backlog > MAX_BACKLOG ? this.complete() : undefined;
  }

  /** When all that was taken is kept. Where there is no room for it, rejects with a local {@link ProtocolError}, 507; for other faults with what they are. */
  async complete(): Promise<void> {
    await this.#writing;
    if (this.#failure !== undefined) throw explain(this.#failure);
    // One copy of its own, so that the pieces do not hold on to whatever came along with them.
    if (this.#file === undefined) this.#held = [Buffer.concat(this.#held)];
  }

  /** Lets go of everything; what reads it then throws. Never rejects. */
  async release(): Promise<void> {
    this.#released = true;
    this.#held = [];
    await this.#writing;
    const file = this.#file;
    this.#file = undefined;
    // It has no name, so that whether closing it works matters to nobody.
    await file?.close().catch(() => undefined);
  }

  stream(): ReadableStream<Uint8Array> {
    return ReadableStream.from(this.#pieces());
  }

  async bytes(): Promise<Uint8Array> {
    const whole = new Uint8Array(this.#size);
    let at = 0;
    for await (const piece of this.#pieces()) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  async *#pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = 0; at < this.#size || this.#released; ) {
      if (this.#released) throw new Error("an uploaded file was read after its request had ended");
      const piece = await this.#piece(at);
      if (piece.length === 0) throw new Error("an uploaded file is shorter than it was");
      yield piece;
      at += piece.length;
    }
  }

  async #piece(at: number): Promise<Uint8Array> {
    if (this.#file === undefined) return new Uint8Array(Buffer.concat(this.#held));
    const piece = new Uint8Array(Math.min(PIECE_BYTES, this.#size - at));
    const { bytesRead } = await this.#file.read(piece, 0, piece.length, at);
    return piece.subarray(0, bytesRead);
  }
}

const PIECE_BYTES = 64 * 1024;

/** A disk that fills up takes less than it was given before it says so. */
async function writeWhole(file: SpoolFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(at === 0 ? bytes : bytes.subarray(at));
    at += bytesWritten;
  }
}

/** What the system says when there is no room, or no more files. */
const NO_ROOM: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT", "EIO", "EMFILE", "ENFILE"]);

function explain(error: unknown): unknown {
  const full = error instanceof Error && "code" in error && NO_ROOM.has(error.code);
  return full
    ? new ProtocolError("local", "there is no room for an uploaded file", 507, { cause: error })
    : error;
}
