import { DEFAULT_PAIR_LIMITS, type Pair, type PairLimits, parsePairs } from "./urlencoded.ts";

/**
 * A file that came with a form. It is there until the request has ended: whoever wants to keep it copies it before.
 *
 * Up to 64 KiB are held in memory, more in a temporary file that no other process can open. After the end, each of
 * the readers throws.
 */
export interface UploadedFile {
  /** The name of the field it came in. */
  readonly name: string;
  /** The last part of the client's name for it, without control characters; may be empty. Not safe to be created as it is: see `isSafeSegment`. */
  readonly filename: string;
  /** What the client says it is, `type/subtype` in lower case; `application/octet-stream` where it says nothing. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** The bytes from the start; each call reads anew. */
  stream(): ReadableStream<Uint8Array>;
  /** All bytes at once. */
  bytes(): Promise<Uint8Array>;
  /** All bytes at once, as UTF-8; U+FFFD for what is not. */
  text(): Promise<string>;
}

/**
 * The fields and files of a form. Names are the client's and may be anything, `__proto__` too; order is that of the form.
 *
 * Fields and files are apart, so that nobody can send a file where a text is expected.
 */
export class Form {
  readonly #fields = new Map<string, string[]>();
  readonly #pairs: readonly Pair[];
  /** In the order sent. */
  readonly files: readonly UploadedFile[];
  readonly #release: () => Promise<void>;

  /** `release` lets go of whatever the files hold. */
  constructor(
    pairs: readonly Pair[],
    files: readonly UploadedFile[] = [],
    release: () => Promise<void> = () => Promise.resolve(),
  ) {
    this.#pairs = pairs;
    this.files = files;
    this.#release = release;
    for (const [name, value] of pairs) {
      const values = this.#fields.get(name);
      if (values === undefined) this.#fields.set(name, [value]);
      else values.push(value);
    }
  }

  /** The first value of a field, null where there is none, as `URLSearchParams.get`. */
  get(name: string): string | null {
    return this.#fields.get(name)?.[0] ?? null;
  }

  /** All values of a field, in order. */
  getAll(name: string): readonly string[] {
    return this.#fields.get(name) ?? [];
  }

  /** Whether there is such a field. A file is none. */
  has(name: string): boolean {
    return this.#fields.has(name);
  }

  /** The names of the fields, each once. */
  names(): readonly string[] {
    return [...this.#fields.keys()];
  }

  /** Name and value of every field, in order, names repeated. */
  entries(): IterableIterator<Pair> {
    return this.#pairs.values();
  }

  /** As {@link entries}. */
  [Symbol.iterator](): IterableIterator<Pair> {
    return this.entries();
  }

  /** The first file that came in the field of this name. */
  file(name: string): UploadedFile | undefined {
    return this.files.find((file) => file.name === name);
  }

  /** Removes the files; what reads one then throws. The request does so at its end. Never rejects; a second call does nothing. */
  dispose(): Promise<void> {
    return this.#release();
  }

  /** As {@link dispose}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

/** The form of an urlencoded body. A bad escape throws a remote {@link ProtocolError}, 400; too much of anything one with 413. */
export function parseUrlencoded(text: string, limits: PairLimits = DEFAULT_PAIR_LIMITS): Form {
  return new Form(parsePairs(text, limits, 413));
}
