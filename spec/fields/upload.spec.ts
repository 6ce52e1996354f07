import { mkdtemp, readdir, readlink, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { openUnnamed, type SpoolFile, Upload } from "../../lib/fields/upload.ts";
import { ProtocolError } from "../../lib/http/protocol-error.ts";

const HEAD = { name: "file", filename: "a.txt", type: "text/plain" };

/** A file in memory that takes `room` bytes, at most `step` at a time, and then has no room. */
class FakeFile implements SpoolFile {
  content = Buffer.alloc(0);
  closed = 0;
  readonly room: number;
  readonly step: number;

  constructor(room = Infinity, step = Infinity) {
    this.room = room;
    this.step = step;
  }

  write(bytes: Uint8Array): Promise<{ bytesWritten: number }> {
    const taken = bytes.subarray(0, Math.min(this.step, this.room - this.content.length));
    if (taken.length === 0) return Promise.reject(systemError("ENOSPC"));
    this.content = Buffer.concat([this.content, taken]);
    return Promise.resolve({ bytesWritten: taken.length });
  }

  read(
    into: Uint8Array,
    offset: number,
    length: number,
    at: number,
  ): Promise<{ bytesRead: number }> {
    const piece = this.content.subarray(at, at + Math.min(length, this.step));
    into.set(piece, offset);
    return Promise.resolve({ bytesRead: piece.length });
  }

  close(): Promise<void> {
    this.closed++;
    return Promise.reject(systemError("EIO"));
  }
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function uploadTo(file: SpoolFile, memoryBytes = 4): Upload {
  return new Upload(HEAD, { memoryBytes, open: () => Promise.resolve(file) });
}

async function failure(promise: Promise<unknown> | undefined): Promise<unknown> {
  return Promise.resolve(promise).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("fields/upload", () => {
  it("keeps a small file in memory", async () => {
    const upload = new Upload(HEAD, { memoryBytes: 4, open: openUnnamed });
    upload.take(Buffer.from("a"));
    upload.take(Buffer.from("bcd"));
    await upload.complete();
    expect(upload).to.include({ ...HEAD, size: 4 });
    expect(await upload.text()).to.equal("abcd");
    await upload.release();
  });

  for (const [size, kept] of [
    [3, 0],
    [4, 0],
    [5, 5],
  ] as const) {
    it(`${kept === 0 ? "does not write" : "writes"} ${size} B to a file where memory takes 4`, async () => {
      const file = new FakeFile();
      const upload = uploadTo(file);
      for (let at = 0; at < size; at++) upload.take(Uint8Array.of(at));
      await upload.complete();
      expect(file.content.length).to.equal(kept);
      expect(await upload.bytes()).to.deep.equal(Uint8Array.from([0, 1, 2, 3, 4].slice(0, size)));
      await upload.release();
      expect(file.closed).to.equal(kept === 0 ? 0 : 1);
    });
  }

  it("gives the bytes anew each time, and as the reader's own", async () => {
    const upload = uploadTo(new FakeFile());
    upload.take(Buffer.from("ab"));
    await upload.complete();
    (await upload.bytes()).fill(0);
    for await (const piece of upload.stream()) piece.fill(0);
    expect(await upload.text()).to.equal("ab");
    await upload.release();
  });

  it("streams a file on the disk in pieces", async () => {
    const upload = new Upload(HEAD, { memoryBytes: 4, open: openUnnamed });
    const whole = Buffer.alloc(150_000, "weftline");
    for (let at = 0; at < whole.length; at += 7_000) upload.take(whole.subarray(at, at + 7_000));
    await upload.complete();
    const pieces: Uint8Array[] = [];
    for await (const piece of upload.stream()) pieces.push(piece);
    expect(pieces.map(({ length }) => length)).to.deep.equal([65_536, 65_536, 18_928]);
    expect(Buffer.concat(pieces).equals(whole)).to.be.true;
    expect(await upload.text()).to.equal(whole.toString());
    await upload.release();
  });

  it("has no bytes where none came", async () => {
    const upload = uploadTo(new FakeFile());
    await upload.complete();
    expect(upload.size).to.equal(0);
    expect(await upload.text()).to.equal("");
    for await (const _ of upload.stream()) expect.fail();
    await upload.release();
  });

  it("writes and reads on where the system takes or gives less than asked", async () => {
    const upload = uploadTo(new FakeFile(Infinity, 3));
    upload.take(Buffer.from("abcdefgh"));
    upload.take(Buffer.from("i"));
    await upload.complete();
    expect(await upload.text()).to.equal("abcdefghi");
    await upload.release();
  });

  it("makes the client wait when too much waits for the disk", async () => {
    const upload = uploadTo(new FakeFile());
    expect(upload.caughtUp()).to.be.undefined;
    upload.take(Buffer.alloc(256 * 1024));
    expect(upload.caughtUp()).to.be.undefined;
    upload.take(Buffer.alloc(1));
    await upload.caughtUp();
    expect(upload.caughtUp()).to.be.undefined;
    await upload.release();
  });

  for (const code of ["ENOSPC", "EDQUOT", "EIO", "EMFILE", "ENFILE"]) {
    it(`answers ${code} with 507`, async () => {
      const cause = systemError(code);
      const upload = new Upload(HEAD, { memoryBytes: 4, open: () => Promise.reject(cause) });
      upload.take(Buffer.alloc(5));
      const error = await failure(upload.complete());
      expect(error)
        .to.be.instanceOf(ProtocolError)
        .that.includes({ blame: "local", status: 507, cause });
      await upload.release();
    });
  }

  for (const cause of [systemError("EACCES"), new Error("bug"), "no error at all"]) {
    it(`passes ${String(cause)} on as it is`, async () => {
      const upload = new Upload(HEAD, { memoryBytes: 0, open: () => Promise.reject(cause) });
      upload.take(Buffer.alloc(5));
      expect(await failure(upload.complete())).to.equal(cause);
      await upload.release();
    });
  }

  it("notices that the disk is full in the middle of a piece, and closes the file", async () => {
    const file = new FakeFile(7);
    const upload = uploadTo(file);
    upload.take(Buffer.alloc(10));
    expect(await failure(upload.complete())).to.be.instanceOf(ProtocolError);
    await upload.release();
    expect(file.closed).to.equal(1);
  });

  it("is not read after its release, nor while it is read", async () => {
    for (const bytes of [2, 5]) {
      const upload = uploadTo(new FakeFile());
      upload.take(Buffer.alloc(bytes));
      await upload.complete();
      await upload.release();
      await upload.release();
      for (const read of [upload.bytes(), upload.text(), upload.stream().getReader().read()]) {
        expect(await failure(read))
          .to.be.instanceOf(Error)
          .with.property("message")
          .that.includes("ended");
      }
    }
  });

  it("says so where the file has become shorter", async () => {
    const file = new FakeFile();
    const upload = uploadTo(file);
    upload.take(Buffer.alloc(5));
    await upload.complete();
    file.content = file.content.subarray(0, 3);
    expect(await failure(upload.bytes()))
      .to.be.instanceOf(Error)
      .with.property("message")
      .that.includes("shorter");
    await upload.release();
  });

  it("is released while it is being written, and stops writing", async () => {
    const file = new FakeFile();
    const upload = uploadTo(file);
    upload.take(Buffer.alloc(5));
    await upload.release();
    upload.take(Buffer.alloc(5));
    expect(file.closed).to.equal(1);
  });

  it("opens a file that has no name, in a folder that is gone", async () => {
    const parent = await mkdtemp(join(tmpdir(), "weftline-spec-"));
    try {
      const file = await openUnnamed(parent);
      expect(await readdir(parent)).to.deep.equal([]);
      await file.write(Buffer.from("abc"));
      const into = Buffer.alloc(3);
      expect(await file.read(into, 0, 3, 0)).to.include({ bytesRead: 3 });
      expect(into.toString()).to.equal("abc");
      await file.close();
    } finally {
      await rm(parent, { recursive: true });
    }
  });

  it("opens it so that only its owner could have", async () => {
    const parent = await mkdtemp(join(tmpdir(), "weftline-spec-"));
    try {
      const file = await openUnnamed(parent);
      if (process.platform === "linux") {
        const open = await Promise.all(
          (await readdir("/proc/self/fd")).map(async (fd) => ({
            mode: (await stat(`/proc/self/fd/${fd}`).catch(() => undefined))?.mode,
            path: await readlink(`/proc/self/fd/${fd}`).catch(() => ""),
          })),
        );
        const ours = open.find(({ path }) => path.startsWith(parent));
        expect(ours?.path).to.match(/\/weftline-upload-\w{6}\/[\da-f]{32} \(deleted\)$/);
        expect((ours?.mode ?? 0) & 0o777).to.equal(0o600);
      }
      await file.close();
    } finally {
      await rm(parent, { recursive: true });
    }
  });

  it("leaves nothing behind where no file can be opened", async () => {
    const error = await failure(openUnnamed(join(tmpdir(), "weftline-is-not-there")));
    expect(error).to.have.property("code", "ENOENT");
  });
});
