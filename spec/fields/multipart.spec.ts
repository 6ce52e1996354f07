import { mkdtemp, readdir, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import * as fc from "fast-check";
import type { Form } from "../../lib/fields/form.ts";
import { parseMediaType } from "../../lib/fields/media-type.ts";
import {
  boundaryOf,
  DEFAULT_MULTIPART_LIMITS,
  type MultipartLimits,
  type MultipartOptions,
  maxMultipartBytes,
  parseMultipart,
} from "../../lib/fields/multipart.ts";
import { openUnnamed } from "../../lib/fields/upload.ts";
import { ProtocolError } from "../../lib/http/protocol-error.ts";
import { anyCharacter } from "../support/any-character.ts";
import { mutations } from "../support/mutations.ts";

const BOUNDARY = "----WebKitFormBoundary7MA4YWxk";

interface Part {
  readonly name: string;
  readonly value: string;
  readonly filename?: string | undefined;
  readonly type?: string | undefined;
}

/** A body as browsers write it. */
function write(parts: readonly Part[]): Buffer {
  const pieces = parts.map(({ name, value, filename, type }) => {
    const file = filename === undefined ? "" : `; filename="${filename}"`;
    const kind = type === undefined ? "" : `\r\nContent-Type: ${type}`;
    const head = `Content-Disposition: form-data; name="${name}"${file}${kind}`;
    return `--${BOUNDARY}\r\n${head}\r\n\r\n${value}\r\n`;
  });
  return Buffer.from(`${pieces.join("")}--${BOUNDARY}--\r\n`);
}

/** The bytes in pieces that end at the given places. */
async function* cut(body: Uint8Array, ends: readonly number[] = []): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const end of [...ends.toSorted((one, other) => one - other), body.length]) {
    if (end > start) yield Buffer.from(body.subarray(start, end));
    start = Math.max(start, end);
  }
}

function read(body: Uint8Array | string, options?: MultipartOptions): Promise<Form> {
  return parseMultipart(cut(Buffer.from(body)), BOUNDARY, options);
}

function limited(limits: Partial<MultipartLimits>): MultipartOptions {
  return { limits };
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** All of a form, to be compared. */
async function contents(form: Form): Promise<unknown> {
  const files = form.files.map(async (file) => [
    file.name,
    file.filename,
    file.type,
    await file.text(),
  ]);
  return { fields: [...form], files: await Promise.all(files) };
}

/** How many files of uploads are open. */
let openFiles = 0;

const field = (name: string, value: string): Part => ({ name, value });
const file = (name: string, value: string): Part => ({ name, value, filename: "f" });

function many(count: number, part: Part): readonly Part[] {
  return Array.from({ length: count }, () => part);
}

/** The value of a Content-Type line that has so many bytes in all. */
function line(bytes: number): string {
  return `a/${"b".repeat(bytes - "content-type: a/".length - 2)}`;
}

/** Counts what is open. */
async function counting(): ReturnType<typeof openUnnamed> {
  const opened = await openUnnamed();
  openFiles++;
  const close = opened.close.bind(opened);
  opened.close = () => {
    openFiles--;
    return close();
  };
  return opened;
}

describe("fields/multipart", () => {
  afterEach(() => expect(openFiles).to.equal(0));

  it("reads fields and files, in order", async () => {
    const form = await read(
      write([
        { name: "a", value: "1" },
        { name: "f", value: "content", filename: "x.txt", type: "text/plain; charset=utf-8" },
        { name: "a", value: "zwei\r\nZeilen – né" },
        { name: "g", value: "", filename: "empty.bin" },
        { name: "b", value: "" },
      ]),
    );
    expect(await contents(form)).to.deep.equal({
      fields: [
        ["a", "1"],
        ["a", "zwei\r\nZeilen – né"],
        ["b", ""],
      ],
      files: [
        ["f", "x.txt", "text/plain", "content"],
        ["g", "empty.bin", "application/octet-stream", ""],
      ],
    });
    expect(form.file("f")?.size).to.equal(7);
    await form.dispose();
  });

  it("leaves out a file field that was left empty", async () => {
    const form = await read(
      write([{ name: "f", value: "", filename: "", type: "application/octet-stream" }]),
    );
    expect(await contents(form)).to.deep.equal({ fields: [], files: [] });
  });

  it("reads a form without parts", async () => {
    expect(await contents(await read(`--${BOUNDARY}--\r\n`))).to.deep.equal({
      fields: [],
      files: [],
    });
  });

  it("ignores what stands before the first part and after the last", async () => {
    const form = await read(`preamble\r\n${write([{ name: "a", value: "1" }]).toString()}epilogue`);
    expect(form.get("a")).to.equal("1");
  });

  it("reads a field in Latin-1 that says so", async () => {
    const [before, after] = write([
      { name: "a", value: "@", type: "text/plain; charset=iso-8859-1" },
    ])
      .toString()
      .split("@");
    const body = Buffer.concat([
      Buffer.from(before ?? ""),
      Buffer.of(0xe9),
      Buffer.from(after ?? ""),
    ]);
    expect((await read(body)).get("a")).to.equal("é");
  });

  it("reads the same however the bytes are cut", async () => {
    const parts = [
      { name: "a", value: "1" },
      {
        name: "f",
        value: `--${BOUNDARY.slice(0, -1)}\r\n--\r\n-`,
        filename: "x.txt",
        type: "text/plain",
      },
      { name: "é", value: "\r\n\r\n" },
      { name: "g", value: "y".repeat(300), filename: "y", type: "a/b" },
    ];
    const body = write(parts);
    const options = { limits: { memoryBytes: 100 }, open: counting };
    const expected = await contents(await read(body));
    const ends = fc.array(fc.nat(body.length), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(ends, async (places) => {
        const form = await parseMultipart(cut(body, places), BOUNDARY, options);
        expect(await contents(form)).to.deep.equal(expected);
        await form.dispose();
      }),
      { numRuns: 60 },
    );
    const each = Array.from({ length: body.length }, (_, index) => index);
    const form = await parseMultipart(cut(body, each), BOUNDARY, options);
    expect(await contents(form)).to.deep.equal(expected);
    await form.dispose();
  });

  it("reads any form that was written", async () => {
    const name = fc.string({
      unit: fc.constantFrom(..."ab[];= é中".split("")),
      minLength: 1,
      maxLength: 20,
    });
    const part = fc.record({
      name,
      value: fc.string({ unit: anyCharacter, maxLength: 50 }),
      filename: fc.option(name, { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 8 }), async (parts) => {
        const form = await read(write(parts));
        const [fields, files] = [false, true].map((isFile) =>
          parts.filter(({ filename }) => (filename !== undefined) === isFile),
        );
        expect(await contents(form)).to.deep.equal({
          fields: fields?.map(({ name: key, value }) => [key, value]),
          files: files?.map(({ name: key, filename, value }) => [
            key,
            filename,
            "application/octet-stream",
            value,
          ]),
        });
        await form.dispose();
      }),
      { numRuns: 60 },
    );
  });

  const HEAD = 'Content-Disposition: form-data; name="a"';
  const MALFORMED: readonly [what: string, body: string][] = [
    ["nothing", ""],
    ["no boundary", "a=1"],
    ["another boundary", `--other\r\n${HEAD}\r\n\r\n1\r\n--other--\r\n`],
    ["a premature end in a boundary", `--${BOUNDARY}`],
    ["a premature end in a head", `--${BOUNDARY}\r\n${HEAD}\r\n`],
    ["a premature end in a value", `--${BOUNDARY}\r\n${HEAD}\r\n\r\n1`],
    ["a premature end in a file", `--${BOUNDARY}\r\n${HEAD}; filename="b"\r\n\r\n1`],
    ["a premature end between parts", `--${BOUNDARY}\r\n${HEAD}\r\n\r\n1\r\n--${BOUNDARY}\r\n`],
    ["bare line feeds", `--${BOUNDARY}\n${HEAD}\n\n1\n--${BOUNDARY}--\n`],
    ["bare line feeds in the head", `--${BOUNDARY}\r\n${HEAD}\n\n1\r\n--${BOUNDARY}--\r\n`],
    [
      "a bare line feed in a name",
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="a\nb"\r\n\r\n1\r\n--${BOUNDARY}--\r\n`,
    ],
    ["a part without a head", `--${BOUNDARY}\r\n\r\n1\r\n--${BOUNDARY}--\r\n`],
    ["a last part without an end of its head", `--${BOUNDARY}\r\n${HEAD}\r\n--${BOUNDARY}--\r\n`],
    [
      "a part without an end of its head",
      `--${BOUNDARY}\r\n${HEAD}\r\n--${BOUNDARY}\r\n${HEAD}\r\n\r\n1\r\n--${BOUNDARY}--\r\n`,
    ],
    [
      "a part without a name",
      `--${BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\n1\r\n--${BOUNDARY}--\r\n`,
    ],
    [
      "an empty name",
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name=""\r\n\r\n1\r\n--${BOUNDARY}--\r\n`,
    ],
    [
      "a part that is no form data",
      `--${BOUNDARY}\r\nContent-Disposition: attachment; name="a"\r\n\r\n1\r\n--${BOUNDARY}--\r\n`,
    ],
    ["two dispositions", `--${BOUNDARY}\r\n${HEAD}\r\n${HEAD}\r\n\r\n1\r\n--${BOUNDARY}--\r\n`],
    [
      "two types",
      `--${BOUNDARY}\r\n${HEAD}\r\nContent-Type: a/b\r\nContent-Type: c/d\r\n\r\n1\r\n--${BOUNDARY}--\r\n`,
    ],
    [
      "a nested form",
      `--${BOUNDARY}\r\n${HEAD}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n1\r\n--${BOUNDARY}--\r\n`,
    ],
    [
      "an encoded part",
      `--${BOUNDARY}\r\n${HEAD}\r\nContent-Transfer-Encoding: base64\r\n\r\nMQ==\r\n--${BOUNDARY}--\r\n`,
    ],
    [
      "a name that is not UTF-8",
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n1\r\n--${BOUNDARY}--\r\n`,
    ],
    ["a value that is not UTF-8", `--${BOUNDARY}\r\n${HEAD}\r\n\r\n\xff\r\n--${BOUNDARY}--\r\n`],
  ];
  for (const [what, body] of MALFORMED) {
    it(`refuses ${what} with 400, whole and byte by byte`, async () => {
      const bytes = Buffer.from(body, "latin1");
      const each = Array.from(bytes.keys());
      for (const ends of [[], each]) {
        const error = await failure(parseMultipart(cut(bytes, ends), BOUNDARY, { open: counting }));
        expect(error)
          .to.be.instanceOf(ProtocolError)
          .that.includes({ blame: "remote", status: 400 });
      }
    });
  }

  it("refuses an unknown charset of a field with 415", async () => {
    const error = await failure(
      read(write([{ name: "a", value: "1", type: "text/plain; charset=utf-16" }])),
    );
    expect(error).to.be.instanceOf(ProtocolError).that.includes({ status: 415 });
  });

  it("takes an encoding that changes nothing, and any other lines", async () => {
    const lines = "Content-Transfer-Encoding: 8bit\r\nX-Other: 1\r\nX-Other: 2";
    const form = await read(`--${BOUNDARY}\r\n${HEAD}\r\n${lines}\r\n\r\n1\r\n--${BOUNDARY}--\r\n`);
    expect(form.get("a")).to.equal("1");
  });

  const disposition = 'Content-Disposition: form-data; name="a"\r\n'.length;
  const LIMITS: readonly [limit: Partial<MultipartLimits>, make: (count: number) => Buffer][] = [
    [{ parts: 3 }, (count) => write([...many(count - 1, field("a", "1")), file("b", "")])],
    [{ fields: 3 }, (count) => write([...many(count, field("a", "1")), file("b", "")])],
    [{ files: 3 }, (count) => write([field("a", "1"), ...many(count, file("b", ""))])],
    [{ nameBytes: 6 }, (count) => write([field(`é${"n".repeat(count - 2)}`, "1")])],
    [{ fieldBytes: 300 }, (count) => write([field("a", "x".repeat(count))])],
    [
      { fieldsBytes: 300 },
      (count) =>
        write([...many(2, field("a", "x".repeat(100))), field("a", "x".repeat(count - 200))]),
    ],
    [{ fileBytes: 300 }, (count) => write([file("a", "x".repeat(count))])],
    [
      { filesBytes: 300 },
      (count) =>
        write([...many(2, file("a", "x".repeat(100))), file("a", "x".repeat(count - 200))]),
    ],
    [
      { headBytes: 300 },
      (count) => write([{ ...field("a", "1"), type: line(count - disposition) }]),
    ],
    [
      { headLines: 4 },
      (count) => {
        const lines = Array.from({ length: count - 1 }, (_, index) => `\r\nX-${index}: y`).join("");
        return Buffer.from(`--${BOUNDARY}\r\n${HEAD}${lines}\r\n\r\n1\r\n--${BOUNDARY}--\r\n`);
      },
    ],
  ];
  for (const [limit, make] of LIMITS) {
    const [[name, count] = ["", 0]] = Object.entries(limit);
    it(`takes ${name} up to ${count}, and answers one more with 413`, async () => {
      for (const fine of [count - 1, count]) {
        const form = await read(make(fine), limited(limit));
        await form.dispose();
      }
      for (const over of [count + 1, count + 50]) {
        const error = await failure(read(make(over), limited(limit)));
        expect(error, String(over))
          .to.be.instanceOf(ProtocolError)
          .that.includes({ blame: "remote", status: 413 });
      }
    });
  }

  it("has the limits that it says, unless told", async () => {
    const { parts, files, fieldBytes } = DEFAULT_MULTIPART_LIMITS;
    await (await read(write(many(parts, field("a", "1"))))).dispose();
    for (const body of [
      many(parts + 1, field("a", "1")),
      many(files + 1, file("a", "1")),
      [field("a", "x".repeat(fieldBytes + 1))],
    ]) {
      expect(await failure(read(write(body)))).to.include({ status: 413 });
    }
  });

  it("refuses a head that does not end, without keeping all of it", async () => {
    const body = `--${BOUNDARY}\r\n${HEAD}\r\nX: ${"y".repeat(100_000)}\r\n\r\n1\r\n--${BOUNDARY}--\r\n`;
    expect(await failure(read(body))).to.include({ status: 413 });
  });

  it("refuses a hundred thousand empty parts without looking at them all", async () => {
    const body = Buffer.from(`--${BOUNDARY}\r\n${HEAD}\r\n\r\n\r\n`.repeat(10_000));
    const before = process.cpuUsage();
    expect(await failure(read(body))).to.include({ status: 413 });
    expect(process.cpuUsage(before).user / 1_000).to.be.below(200);
  });

  it("bounds the body as a whole: what stands around the parts is not free", async () => {
    const limits = {
      ...DEFAULT_MULTIPART_LIMITS,
      parts: 1,
      filesBytes: 0,
      fieldsBytes: 10,
      headBytes: 100,
    };
    const most = maxMultipartBytes(limits);
    const body = write([field("a", "1")]);
    const around = (size: number): Buffer =>
      Buffer.concat([body, Buffer.alloc(size - body.length, " ")]);
    expect((await read(around(most), { limits })).get("a")).to.equal("1");
    expect(await failure(read(around(most + 1), { limits }))).to.include({ status: 413 });
    expect(maxMultipartBytes()).to.be.above(DEFAULT_MULTIPART_LIMITS.filesBytes);
  });

  it("puts a large file on the disk, and lets go of it when the form is disposed of", async () => {
    const value = "x".repeat(DEFAULT_MULTIPART_LIMITS.memoryBytes + 1);
    const form = await read(write([file("a", value)]), { open: counting });
    expect(openFiles).to.equal(1);
    expect(await form.file("a")?.text()).to.equal(value);
    await form.dispose();
    expect(openFiles).to.equal(0);
    expect(await failure(form.file("a")?.text() ?? Promise.resolve())).to.be.instanceOf(Error);
  });

  it("answers a full disk with 507, and the next form is fine", async () => {
    const full = Object.assign(new Error("full"), { code: "ENOSPC" });
    const body = write([file("a", "x".repeat(100)), file("b", "y".repeat(100))]);
    const error = await failure(
      read(body, { limits: { memoryBytes: 10 }, open: () => Promise.reject(full) }),
    );
    expect(error).to.be.instanceOf(ProtocolError).that.includes({ blame: "local", status: 507 });
    await (await read(body, { limits: { memoryBytes: 10 }, open: counting })).dispose();
  });

  it("makes the body wait for the disk", async () => {
    let most = 0;
    let [given, written] = [0, 0];
    const slow = {
      write: async (bytes: Uint8Array) => {
        await new Promise(setImmediate);
        written += bytes.length;
        return { bytesWritten: bytes.length };
      },
      read: () => Promise.resolve({ bytesRead: 0 }),
      close: () => Promise.resolve(),
    };
    const body = write([file("a", "x".repeat(2_000_000))]);
    const pieces = (async function* () {
      for await (const piece of cut(
        body,
        Array.from({ length: 30 }, (_, index) => index * 65_536),
      )) {
        given += piece.length;
        most = Math.max(most, given - written);
        yield piece;
      }
    })();
    const form = await parseMultipart(pieces, BOUNDARY, { open: () => Promise.resolve(slow) });
    expect(most).to.be.below(600_000);
    await form.dispose();
  });

  it("leaves no file open when the body breaks off, at any place", async () => {
    const body = write([file("a", "x".repeat(100)), field("b", "1"), file("c", "y".repeat(100))]);
    const gone = new Error("the client left");
    for (let place = 0; place < body.length; place += 7) {
      const broken = (async function* () {
        yield* cut(body.subarray(0, place), [place >> 1]);
        throw gone;
      })();
      const options = { limits: { memoryBytes: 10 }, open: counting };
      expect(await failure(parseMultipart(broken, BOUNDARY, options))).to.equal(gone);
      expect(openFiles).to.equal(0);
    }
  });

  it("ends with the signal, while the body gives nothing", async () => {
    const controller = new AbortController();
    const reason = new Error("left");
    const stalled = (async function* () {
      yield write([file("a", "x".repeat(100))]).subarray(0, 150);
      await new Promise(() => undefined);
    })();
    const options = { limits: { memoryBytes: 10 }, open: counting, signal: controller.signal };
    const parsed = failure(parseMultipart(stalled, BOUNDARY, options));
    setImmediate(() => controller.abort(reason));
    expect(await parsed).to.equal(reason);
    const form = await read(write([field("a", "1")]), { signal: new AbortController().signal });
    expect(form.get("a")).to.equal("1");
  });

  it("tells the body to stop when it wants no more", async () => {
    let stopped = false;
    const body = (async function* () {
      try {
        for (;;) yield write([file("a", "x")]);
      } finally {
        stopped = true;
      }
    })();
    expect(
      await failure(parseMultipart(body, "other", limited({ filesBytes: 0, parts: 1 }))),
    ).to.include({ status: 413 });
    expect(stopped).to.be.true;
  });

  it("reads or refuses whatever becomes of a good form", async () => {
    const good = write([field("a", "1"), file("f", "content"), field("b", "2")]).toString("latin1");
    for (const text of mutations([good], 300)) {
      const bytes = Buffer.from(text, "latin1");
      const options = { limits: { memoryBytes: 3 }, open: counting };
      const ends = [bytes.length >> 1, bytes.length >> 2];
      try {
        await (await parseMultipart(cut(bytes, ends), BOUNDARY, options)).dispose();
      } catch (error) {
        expect(error, JSON.stringify(text))
          .to.be.instanceOf(ProtocolError)
          .that.includes({ blame: "remote" });
      }
      expect(openFiles).to.equal(0);
    }
  }).timeout(5_000);

  it("never leaves anything in the temporary folder", async () => {
    const parent = await mkdtemp(join(tmpdir(), "weftline-spec-"));
    const options = { limits: { memoryBytes: 10 }, open: () => openUnnamed(parent) };
    const form = await read(write([file("a", "x".repeat(100))]), options);
    expect(await readdir(parent)).to.deep.equal([]);
    expect((await form.file("a")?.bytes())?.length).to.equal(100);
    await form.dispose();
    await rmdir(parent);
  });

  for (const [field2, boundary] of [
    ["multipart/form-data; boundary=abc", "abc"],
    ['multipart/form-data; boundary="a b"', "a b"],
    [`multipart/form-data; boundary=${"x".repeat(70)}`, "x".repeat(70)],
    [`multipart/form-data; boundary=${"x".repeat(71)}`, undefined],
    ["multipart/form-data", undefined],
    ['multipart/form-data; boundary=""', undefined],
    ['multipart/form-data; boundary="a "', undefined],
    ['multipart/form-data; boundary="a@b"', undefined],
    ['multipart/form-data; boundary="é"', undefined],
  ] as const) {
    it(`finds the boundary ${boundary?.slice(0, 10)} in ${field2.slice(0, 60)}`, () => {
      const type = parseMediaType(field2);
      if (type === undefined) throw new Error("not a media type");
      if (boundary === undefined) {
        expect(() => boundaryOf(type))
          .to.throw(ProtocolError)
          .that.includes({ status: 400 });
      } else {
        expect(boundaryOf(type)).to.equal(boundary);
      }
    });
  }
});
