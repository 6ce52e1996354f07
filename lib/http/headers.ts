import { FIELD_CLASS, TOKEN_CLASS } from "./octets.ts";

/** What {@link Headers} can be made from, as in the Fetch standard. */
export type HeadersInit =
  | Iterable<readonly [name: string, value: string]>
  | Readonly<Record<string, string>>;

/** Fields that the sender of a response looks at, a bit each; see {@link Headers.marks}. */
export const MARK_CONTENT_LENGTH = 1;
export const MARK_DATE = 2;
export const MARK_SERVER = 4;
export const MARK_UPGRADE = 8;
/** Fields that only the carrier may set, since they are about the connection (RFC 9110 section 7.6.1). */
export const MARK_FRAMING: number = 16 | 32 | 64 | 128;

const MARKS: ReadonlyMap<string, number> = new Map([
  ["content-length", MARK_CONTENT_LENGTH],
  ["date", MARK_DATE],
  ["server", MARK_SERVER],
  ["upgrade", MARK_UPGRADE],
  ["transfer-encoding", 16],
  ["connection", 32],
  ["keep-alive", 64],
  ["proxy-connection", 128],
]);

const NAME = new RegExp(`^[${TOKEN_CLASS}]+$`);
const VALUE = new RegExp(`^[${FIELD_CLASS}]*$`);

/** Names that were found valid, with their lower case. A program has few; should one make them up, the cache starts again. */
const KNOWN_NAMES = 1_024;
const known = new Map<string, FieldName>();

interface FieldName {
  readonly key: string;
  readonly mark: number;
}

const NONE: string[] = [];

/**
 * The fields of a request or a response, with the interface of the Fetch standard's `Headers`.
 *
 * Names match in any case; on the wire they keep the case and the order in which they were set. Iteration is in the order of lower-case
 * names, values of one name joined by `, `, except those of Set-Cookie. Any token is an ordinary name, `__proto__` as well.
 * Deviation: a value with a CR, LF or other control anywhere is refused and not trimmed (RFC 9110 section 5.5), and so is a character over U+00FF.
 */
export class Headers {
  /** The lines of a request that nobody has asked for yet. */
  #block = "";
  #immutable = false;
  #names: string[] = NONE;
  #keys: string[] = NONE;
  #values: string[] = NONE;
  #marks = 0;

  /** Copies the pairs; throws TypeError as {@link append} does. */
  constructor(init?: HeadersInit) {
    if (init === undefined) return;
    const pairs = Symbol.iterator in init ? init : Object.entries(init);
    for (const [name, value] of pairs) this.append(name, value);
  }

  /**
   * The fields of a head that came in, from its field lines with the empty line after them, which are known to be well-formed.
   *
   * They are looked at when first asked for, and cannot be changed: a change throws TypeError.
   */
  static fromBlock(block: string): Headers {
    const headers = new Headers();
    headers.#block = block;
    headers.#immutable = true;
    return headers;
  }

  /** How many field lines there are. */
  get size(): number {
    return this.#filled().length;
  }

  /** Which fields that matter to framing there are: the `MARK_` bits. For carriers. */
  get marks(): number {
    this.#filled();
    return this.#marks;
  }

  /** The field lines as they go on the wire, each with its CRLF; those of one name, in lower case, can be left out. For carriers. */
  lines(except = ""): string {
    const values = this.#filled();
    let lines = "";
    for (let at = 0; at < values.length; at++) {
      if (this.#keys[at] === except) continue;
      lines += `${this.#names[at] ?? ""}: ${values[at] ?? ""}\r\n`;
    }
    return lines;
  }

  /** The value of a field, several joined by `, `; null without one. An empty value is an empty string. */
  get(name: string): string | null {
    const { key } = fieldName(name);
    const values = this.#filled();
    const keys = this.#keys;
    let joined: string | null = null;
    for (let at = keys.indexOf(key); at >= 0; at = keys.indexOf(key, at + 1)) {
      joined = joined === null ? (values[at] ?? "") : `${joined}, ${values[at] ?? ""}`;
    }
    return joined;
  }

  /** The value of each Set-Cookie field, which cannot be joined (RFC 6265 section 3). */
  getSetCookie(): string[] {
    return this.#filled().filter((_, at) => this.#keys[at] === "set-cookie");
  }

  has(name: string): boolean {
    const { key } = fieldName(name);
    this.#filled();
    return this.#keys.includes(key);
  }

  /** Makes it the only field of that name. Throws TypeError for what is no name or no value. */
  set(name: string, value: string): void {
    const { key, mark } = fieldName(name);
    const text = fieldValue(name, value);
    this.#writable();
    const at = this.#keys.indexOf(key);
    if (at < 0) {
      this.#push(name, key, text);
      this.#marks |= mark;
      return;
    }
    this.#names[at] = name;
    this.#values[at] = text;
    for (
      let more = this.#keys.indexOf(key, at + 1);
      more >= 0;
      more = this.#keys.indexOf(key, at + 1)
    ) {
      this.#remove(more);
    }
  }

  /** Adds a field line, beside those of that name. Throws TypeError for what is no name or no value. */
  append(name: string, value: string): void {
    const { key, mark } = fieldName(name);
    const text = fieldValue(name, value);
    this.#writable();
    this.#push(name, key, text);
    this.#marks |= mark;
  }

  /** Removes every field of that name; nothing happens without one. */
  delete(name: string): void {
    const { key, mark } = fieldName(name);
    this.#writable();
    for (let at = this.#keys.indexOf(key); at >= 0; at = this.#keys.indexOf(key)) this.#remove(at);
    this.#marks &= ~mark;
  }

  forEach(call: (value: string, name: string, headers: Headers) => void): void {
    for (const [name, value] of this) call(value, name, this);
  }

  *entries(): IterableIterator<[name: string, value: string]> {
    this.#filled();
    for (const key of [...new Set(this.#keys)].toSorted()) {
      if (key !== "set-cookie") yield [key, this.get(key) ?? ""];
      else for (const value of this.getSetCookie()) yield [key, value];
    }
  }

  /** The lower-case names, in order. */
  *keys(): IterableIterator<string> {
    for (const [name] of this.entries()) yield name;
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    return this.entries();
  }

  #writable(): void {
    if (this.#immutable) throw new TypeError("the fields of a request cannot be changed");
  }

  /** The values, after the block was looked at. */
  #filled(): string[] {
    if (this.#block === "") return this.#values;
    const block = this.#block;
    this.#block = "";
    const last = block.length - 2;
    for (let at = 0; at < last; ) {
      const next = block.indexOf("\n", at) + 1;
      const colon = block.indexOf(":", at);
      const name = block.slice(at, colon);
      const key = name.toLowerCase();
      this.#push(name, key, trimOws(block, colon + 1, next - 2));
      this.#marks |= MARKS.get(key) ?? 0;
      at = next;
    }
    return this.#values;
  }

  #push(name: string, key: string, value: string): void {
    if (this.#values === NONE) {
      this.#names = [name];
      this.#keys = [key];
      this.#values = [value];
      return;
    }
    this.#names.push(name);
    this.#keys.push(key);
    this.#values.push(value);
  }

  #remove(at: number): void {
    this.#names.splice(at, 1);
    this.#keys.splice(at, 1);
    this.#values.splice(at, 1);
  }
}

/** The part of a text without the OWS around it, which is SP and HTAB and nothing else (RFC 9110 section 5.6.3). */
export function trimOws(text: string, from: number, to: number): string {
  let begin = from;
  let end = to;
  while (begin < end && isBlank(text.charCodeAt(begin))) begin++;
  while (end > begin && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(begin, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function fieldName(name: string): FieldName {
  const found = known.get(name);
  if (found !== undefined) return found;
  if (!NAME.test(name)) throw new TypeError(`not a field name: ${JSON.stringify(name)}`);
  if (known.size >= KNOWN_NAMES) known.clear();
  const key = name.toLowerCase();
  const made = { key, mark: MARKS.get(key) ?? 0 };
  known.set(name, made);
  return made;
}

function fieldValue(name: string, value: string): string {
  // Callers without types hand numbers over, as Fetch allows.
  const text = typeof value === "string" ? value : String(value);
  if (!VALUE.test(text)) {
    throw new TypeError(`field ${name}: a control character or one over U+00FF in the value`);
  }
  return trimOws(text, 0, text.length);
}
