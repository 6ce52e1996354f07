// multipart/form-data, RFC 7578. The boundaries are found by Dicer, the parser inside @fastify/busboy, which is lenient; what it
// lets pass is looked at here.
import type { Dicer } from "@fastify/busboy";
import { ProtocolError } from "../http/protocol-error.ts";
import { abortable } from "./abortable.ts";
import { charsetOf, decodeText } from "./charset.ts";
import { parseDisposition } from "./content-disposition.ts";
import { Form } from "./form.ts";
import { DEFAULT_MEDIA_TYPE, type MediaType, parseMediaType } from "./media-type.ts";
import { openUnnamed, type SpoolFile, Upload } from "./upload.ts";
import type { Pair } from "./urlencoded.ts";

/** What a multipart form may hold; past it 413. Counts, or bytes. */
export interface MultipartLimits {
  /** Fields and files together. */
  readonly parts: number;
  readonly files: number;
  readonly fields: number;
  /** The head of one part: its lines, each as `name: value` and an end of two bytes. */
  readonly headBytes: number;
  readonly headLines: number;
  readonly nameBytes: number;
  /** One field. */
  readonly fieldBytes: number;
  /** All fields. */
  readonly fieldsBytes: number;
  /** One file. */
  readonly fileBytes: number;
  /** All files. */
  readonly filesBytes: number;
  /** A file with more than this goes to the disk. */
  readonly memoryBytes: number;
}

/** For comparison: PHP takes 20 files of 2 MiB and 1,000 fields, multer has no limits, Django keeps 2.5 MiB in memory. */
export const DEFAULT_MULTIPART_LIMITS: MultipartLimits = Object.freeze({
  parts: 100,
  files: 20,
  fields: 100,
  headBytes: 8_192,
  headLines: 32,
  nameBytes: 256,
  fieldBytes: 65_536,
  fieldsBytes: 1_048_576,
  fileBytes: 16 * 1_048_576,
  filesBytes: 64 * 1_048_576,
  memoryBytes: 65_536,
});

/** How to read a form. */
export interface MultipartOptions {
  /** What is absent stays as in {@link DEFAULT_MULTIPART_LIMITS}. */
  readonly limits?: Partial<MultipartLimits> | undefined;
  /** Ends the reading with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Opens the file that a large upload goes to. {@link openUnnamed} unless given. */
  readonly open?: (() => Promise<SpoolFile>) | undefined;
}

/** The most bytes that a body within these limits can have; a longer one can be refused by its length. */
export function maxMultipartBytes(limits: MultipartLimits = DEFAULT_MULTIPART_LIMITS): number {
  const { filesBytes, fieldsBytes, parts, headBytes } = limits;
  return filesBytes + fieldsBytes + (parts + 1) * (headBytes + MAX_BOUNDARY + 8) + AROUND_BYTES;
}

/** What may stand before the first part and after the last. */
const AROUND_BYTES = 8_192;
const MAX_BOUNDARY = 70;

/** The boundary that a Content-Type names. None, or one that RFC 2046 section 5.1.1 does not allow, throws a remote {@link ProtocolError}, 400. */
export function boundaryOf(type: MediaType): string {
  const boundary = type.parameters.get("boundary") ?? "";
  if (!BOUNDARY.test(boundary)) {
    throw new ProtocolError("remote", "the form has no boundary, or one that is not allowed", 400);
  }
  return boundary;
}

const BOUNDARY = /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/;

/**
 * Reads a form to its end. The files are the form's: dispose of it.
 *
 * What is malformed or breaks off rejects with a remote {@link ProtocolError}, 400, what is over a limit with 413, a charset that is not
 * known with 415, a full disk with a local one, 507; what the body or the signal ends with is passed on. Nothing is left then:
 * no file, no descriptor, and the body is told to stop.
 *
 * A file field that was left empty (no name, no bytes) is left out. Lines of a part's head that are malformed end it, unread.
 */
export async function parseMultipart(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
  options: MultipartOptions = {},
): Promise<Form> {
  const limits = { ...DEFAULT_MULTIPART_LIMITS, ...options.limits };
  loaded ??= import("@fastify/busboy");
  const busboy = await loaded;
  const config = {
    boundary,
    // One more than is allowed, so that what is cut off is seen to be too much.
    maxHeaderPairs: limits.headLines + 1,
    maxHeaderSize: limits.headBytes + LINE_SLACK,
    // Never full: a part that is full when it ends would not be read again, and Dicer not go on. Who waits is the one that writes.
    partHwm: Number.MAX_SAFE_INTEGER,
  };
  const reader = new FormReader(new busboy.Dicer(config), limits, options.open ?? openUnnamed);
  try {
    const { signal } = options;
    await reader.read(signal === undefined ? body : abortable(body, signal));
    return reader.form();
  } catch (error) {
    await reader.abandon(error);
    throw error;
  }
}

const LINE_SLACK = 128;

/** Loaded with the first form; asking the module loader each time would take longer than a small form. */
let loaded: Promise<{ readonly Dicer: typeof Dicer }> | undefined;

/** What a part has in its head: names in lower case, values one character a byte. */
type PartHead = Readonly<Record<string, readonly string[]>>;

interface Field {
  readonly name: string;
  readonly type: MediaType | undefined;
  readonly pieces: Uint8Array[];
  size: number;
}

/**
 * The events of Dicer on one side, a form on the other.
 *
 * A chunk is written only when Dicer has done with the one before, so that heads come while `write` runs and may throw through it.
 * Data and ends may come later, from within Node's streams, where nothing may be thrown: they `#fail`.
 */
class FormReader {
  readonly #dicer: Dicer;
  readonly #limits: MultipartLimits;
  readonly #open: () => Promise<SpoolFile>;
  readonly #fields: Field[] = [];
  readonly #uploads: Upload[] = [];
  #parts = 0;
  #headed = 0;
  /** Parts that have a head and not yet an end. */
  #running = 0;
  #ended = (): void => undefined;
  #fieldsSize = 0;
  #filesSize = 0;
  #failure: Error | undefined;

  constructor(dicer: Dicer, limits: MultipartLimits, open: () => Promise<SpoolFile>) {
    this.#dicer = dicer;
    this.#limits = limits;
    this.#open = open;
  }

  async read(body: AsyncIterable<Uint8Array>): Promise<void> {
    const dicer = this.#dicer;
    const finished = new Promise<void>((resolve) => {
      dicer.on("finish", resolve);
      dicer.on("error", (error) => {
        this.#fail(malformed("the form breaks off, or has no part", error));
        resolve();
      });
    });
    dicer.on("part", (part) => this.#begin(part));
    const limit = maxMultipartBytes(this.#limits);
    let size = 0;
    for await (const chunk of body) {
      size += chunk.length;
      if (size > limit) throw tooMuch(`${limit} B`);
      await new Promise((resolve) => dicer.write(chunk, resolve));
      const full = this.#uploads.at(-1)?.caughtUp();
      if (full !== undefined) await full;
      this.#check();
    }
    dicer.end();
    await finished;
    this.#check();
    /* c8 ignore next -- Dicer does not wait for a part that ends without bytes; in this Node its end is earlier all the same */
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#ended = resolve));
    if (this.#headed < this.#parts) throw malformed("a part has no head");
    await Promise.all(this.#uploads.map((upload) => upload.complete()));
    this.#check();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #begin(part: Dicer.PartStream): void {
    this.#check();
    if (this.#headed < this.#parts) throw malformed("a part has no head");
    if (++this.#parts > this.#limits.parts) throw tooMuch(`${this.#limits.parts} parts`);
    part.on("error", (error) => this.#fail(malformed("a part breaks off", error)));
    part.on("header", (head: PartHead) => {
      this.#headed++;
      this.#running++;
      part.on("data", this.#take(head));
    });
    part.on("end", () => {
      if (--this.#running === 0) this.#ended();
    });
  }

  /** Looks at the head of a part, and says who takes its bytes. */
  #take(head: PartHead): (piece: Buffer) => void {
    this.#measure(head);
    const disposition = parseDisposition(only(head, "content-disposition") ?? "");
    if (disposition === undefined) throw malformed("a part is not a field with a name");
    const { name, filename } = disposition;
    const { nameBytes, files, fields, memoryBytes } = this.#limits;
    if (Buffer.byteLength(name) > nameBytes) throw tooMuch(`${nameBytes} B in a name`);
    const type = typeOf(head);
    if (filename === undefined) {
      const field = { name, type, pieces: [], size: 0 };
      if (this.#fields.push(field) > fields) throw tooMuch(`${fields} fields`);
      return (piece) => this.#takeField(field, piece);
    }
    const known = { name, filename, type: type?.essence ?? DEFAULT_MEDIA_TYPE };
    const upload = new Upload(known, { memoryBytes, open: this.#open });
    if (this.#uploads.push(upload) > files) throw tooMuch(`${files} files`);
    return (piece) => this.#takeFile(upload, piece);
  }

  #measure(head: PartHead): void {
    const { headBytes, headLines } = this.#limits;
    let [lines, bytes] = [0, 0];
    for (const [name, values] of Object.entries(head)) {
      for (const value of values) {
        lines++;
        bytes += name.length + value.length + 4;
      }
    }
    if (lines > headLines) throw tooMuch(`${headLines} lines in the head of a part`);
    if (bytes > headBytes) throw tooMuch(`${headBytes} B in the head of a part`);
  }

  #takeField(field: Field, piece: Buffer): void {
    if (this.#failure !== undefined) return;
    const { fieldBytes, fieldsBytes } = this.#limits;
    field.size += piece.length;
    this.#fieldsSize += piece.length;
    if (field.size > fieldBytes) return this.#fail(tooMuch(`${fieldBytes} B in a field`));
    if (this.#fieldsSize > fieldsBytes)
      return this.#fail(tooMuch(`${fieldsBytes} B in all fields`));
    field.pieces.push(piece);
  }

  #takeFile(upload: Upload, piece: Buffer): void {
    if (this.#failure !== undefined) return;
    const { fileBytes, filesBytes } = this.#limits;
    this.#filesSize += piece.length;
    if (upload.size + piece.length > fileBytes)
      return this.#fail(tooMuch(`${fileBytes} B in a file`));
    if (this.#filesSize > filesBytes) return this.#fail(tooMuch(`${filesBytes} B in all files`));
    upload.take(piece);
  }

  form(): Form {
    const pairs = this.#fields.map(({ name, type, pieces }): Pair => {
      const [first = EMPTY] = pieces;
      const bytes = pieces.length < 2 ? first : Buffer.concat(pieces);
      return [name, decodeText(bytes, type === undefined ? "utf-8" : charsetOf(type))];
    });
    const files = this.#uploads.filter(({ filename, size }) => filename !== "" || size > 0);
    return new Form(pairs, files, () => this.#release());
  }

  /** Gives up: what still comes from the streams is for nobody. */
  async abandon(error: unknown): Promise<void> {
    this.#failure ??= new Error("the form was given up", { cause: error });
    this.#dicer.destroy();
    await this.#release();
  }

  async #release(): Promise<void> {
    await Promise.all(this.#uploads.map((upload) => upload.release()));
  }
}

const EMPTY = new Uint8Array();

/** The type of a part; one that cannot be read counts as none. */
function typeOf(head: PartHead): MediaType | undefined {
  const encoding = only(head, "content-transfer-encoding");
  if (encoding !== undefined && !/^(?:7bit|8bit|binary)$/i.test(encoding)) {
    throw malformed("a part is encoded");
  }
  const type = only(head, "content-type");
  const known = type === undefined ? undefined : parseMediaType(type);
  if (known?.essence.startsWith("multipart/")) throw malformed("a form is in a form");
  return known;
}

/** The value of a field that may come once. */
function only(head: PartHead, name: string): string | undefined {
  const values = head[name];
  if (values !== undefined && values.length > 1) throw malformed("a part says something twice");
  return values?.[0];
}

function malformed(message: string, cause?: unknown): ProtocolError {
  return new ProtocolError("remote", message, 400, { cause });
}

function tooMuch(what: string): ProtocolError {
  return new ProtocolError("remote", `the form has more than ${what}`, 413);
}
