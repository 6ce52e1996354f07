import { findField, trimOws } from "./field-lines.ts";
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
/** A line whose name is one already. To look at it whole makes one piece of it, which every response with that field then sends. */
const LINE = new RegExp(`^[^:]+: [${FIELD_CLASS}]*\\r\\n$`);

/** Names that a program used, with what is known of them. It has few; should one make them up, the cache starts again. */
const KNOWN_NAMES = 1_024;
const known = new Map<string, FieldName>();

/** Names of requests as browsers and others write them: what a client makes up is not remembered. */
const USUAL: ReadonlyMap<string, FieldName> = new Map(
  `Accept,Accept-Encoding,Accept-Language,Authorization,Cache-Control,Connection,Content-Length,Content-Type,Cookie,Date,Dnt,Expect,
Forwarded,Host,If-Match,If-Modified-Since,If-None-Match,If-Range,If-Unmodified-Since,Keep-Alive,Last-Event-Id,Origin,Pragma,Priority,Range,
Referer,Sec-Ch-Ua,Sec-Ch-Ua-Mobile,Sec-Ch-Ua-Platform,Sec-Fetch-Dest,Sec-Fetch-Mode,Sec-Fetch-Site,Sec-Fetch-User,Te,Transfer-Encoding,Upgrade,
Upgrade-Insecure-Requests,User-Agent,Via,X-Forwarded-For,X-Forwarded-Host,X-Forwarded-Proto,X-Requested-With`
    .split(/,\n?/)
    .flatMap((name) => [name, name.toLowerCase()])
    .map((name) => [name, describe(name)]),
);

/** What is the same for every field of a name. */
interface FieldName {
  /** In lower case. */
  readonly key: string;
  readonly mark: number;
  /** The field of that name that a program made last: it says the same again and again. */
  last: Field | undefined;
}

/** A field line. */
interface Field {
  /** As it was set or came. */
  readonly name: string;
  readonly key: string;
  readonly value: string;
  /** With its CRLF, as it goes on the wire; empty for a field that came in, which is seldom sent on. */
  readonly line: string;
}

/** So many questions are answered from the lines of a request as they are, each at a third of the cost of looking at all of them. */
const QUESTIONS = 3;

const NO_FIELDS: readonly Field[] = [];

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
  /** How often that block was searched as it is. */
  #asked = 0;
  #immutable = false;
  #fields: readonly Field[] = NO_FIELDS;
  #marks = 0;
  /** Whether a copy has the same list. */
  #shared = false;
  /** What {@link lines} gives, once it was asked for by way of a copy. */
  #lines = "";

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

  /**
   * The same fields once more, which can be changed.
   *
   * Costs next to nothing: the list is shared until one of the two changes, and its lines are put together once for all copies.
   */
  copy(): Headers {
    const headers = new Headers();
    this.#lines ||= this.lines();
    this.#shared = true;
    headers.#fields = this.#all();
    headers.#marks = this.#marks;
    headers.#shared = true;
    headers.#lines = this.#lines;
    return headers;
  }

  /** How many field lines there are. */
  get size(): number {
    return this.#all().length;
  }

  /** Which fields that matter to framing there are: the `MARK_` bits. For carriers. */
  get marks(): number {
    this.#all();
    return this.#marks;
  }

  /** The field lines as they go on the wire, each with its CRLF; those of one name, in lower case, can be left out. For carriers. */
  lines(except = ""): string {
    if (except === "" && this.#lines !== "") return this.#lines;
    let lines = "";
    for (const { name, key, value, line } of this.#all()) {
      if (key !== except) lines += line || lineOf(name, value);
    }
    return lines;
  }

  /** The value of a field, several joined by `, `; null without one. An empty value is an empty string. */
  get(name: string): string | null {
    const { key } = fieldName(name);
    if (this.#isQuestion()) return findField(this.#block, key);
    let joined: string | null = null;
    for (const field of this.#all()) {
      if (field.key !== key) continue;
      joined = joined === null ? field.value : `${joined}, ${field.value}`;
    }
    return joined;
  }

  /** The value of each Set-Cookie field, which cannot be joined (RFC 6265 section 3). */
  getSetCookie(): string[] {
    const cookies = this.#all().filter(({ key }) => key === "set-cookie");
    return cookies.map(({ value }) => value);
  }

  has(name: string): boolean {
    const { key } = fieldName(name);
    if (this.#isQuestion()) return findField(this.#block, key) !== null;
    return indexOf(this.#all(), key) >= 0;
  }

  /** Makes it the only field of that name, in the place of the first. Throws TypeError for what is no name or no value. */
  set(name: string, value: string): void {
    const described = fieldName(name);
    const field = fieldOf(described, name, value);
    const { key } = field;
    const at = indexOf(this.#fields, key);
    if (at < 0) return this.#add(field, described.mark);
    const fields = this.#writable();
    fields[at] = field;
    this.#fields = fields.filter((other) => other === field || other.key !== key);
  }

  /** Adds a field line, beside those of that name. Throws TypeError for what is no name or no value. */
  append(name: string, value: string): void {
    const described = fieldName(name);
    this.#add(fieldOf(described, name, value), described.mark);
  }

  /** Removes every field of that name; nothing happens without one. */
  delete(name: string): void {
    const { key, mark } = fieldName(name);
    this.#fields = this.#writable().filter((field) => field.key !== key);
    this.#marks &= ~mark;
  }

  forEach(call: (value: string, name: string, headers: Headers) => void): void {
    for (const [name, value] of this) call(value, name, this);
  }

  *entries(): IterableIterator<[name: string, value: string]> {
    const fields = this.#all();
    for (const key of [...new Set(fields.map((field) => field.key))].toSorted()) {
      const values = fields.filter((field) => field.key === key).map(({ value }) => value);
      if (key !== "set-cookie") yield [key, values.join(", ")];
      else for (const value of values) yield [key, value];
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

  /** Whether this is one of the first questions about a block. */
  #isQuestion(): boolean {
    return this.#block !== "" && this.#asked++ < QUESTIONS;
  }

  #add(field: Field, mark: number): void {
    const fields = this.#writable();
    this.#marks |= mark;
    // An array that grows is made for seventeen, and most responses set one field.
    if (fields.length === 0) this.#fields = [field];
    else fields.push(field);
  }

  /** The fields, to be changed. */
  #writable(): Field[] {
    if (this.#immutable) throw new TypeError("the fields of a request cannot be changed");
    this.#lines = "";
    if (this.#shared || this.#fields === NO_FIELDS) {
      this.#fields = [...this.#fields];
      this.#shared = false;
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- read-only is only that empty list
    return this.#fields as Field[];
  }

  /** The fields, after the block was looked at. */
  #all(): readonly Field[] {
    if (this.#block === "") return this.#fields;
    const block = this.#block;
    const fields: Field[] = [];
    const last = block.length - 2;
    for (let at = 0; at < last; ) {
      const next = block.indexOf("\n", at) + 1;
      const colon = block.indexOf(":", at);
      const name = block.slice(at, colon);
      const { key, mark } = USUAL.get(name) ?? describe(name);
      fields.push({ name, key, value: trimOws(block, colon + 1, next - 2), line: "" });
      this.#marks |= mark;
      at = next;
    }
    this.#block = "";
    this.#fields = fields;
    return fields;
  }
}

function fieldName(name: string): FieldName {
  const found = known.get(name);
  if (found !== undefined) return found;
  if (!NAME.test(name)) throw new TypeError(`not a field name: ${JSON.stringify(name)}`);
  if (known.size >= KNOWN_NAMES) known.clear();
  const made = describe(name);
  known.set(name, made);
  return made;
}

function describe(name: string): FieldName {
  const key = name.toLowerCase();
  return { key, mark: MARKS.get(key) ?? 0, last: undefined };
}

function indexOf(fields: readonly Field[], key: string): number {
  for (let at = 0; at < fields.length; at++) if (fields[at]?.key === key) return at;
  return -1;
}

function fieldOf(described: FieldName, name: string, value: string): Field {
  const { last } = described;
  if (last !== undefined && last.value === value && last.name === name) return last;
  // Callers without types hand numbers over, as Fetch allows.
  const text = typeof value === "string" ? value : String(value);
  const line = lineOf(name, trimOws(text, 0, text.length));
  if (!LINE.test(line)) {
    throw new TypeError(`field ${name}: a control character or one over U+00FF in the value`);
  }
  described.last = { name, key: described.key, value: line.slice(name.length + 2, -2), line };
  return described.last;
}

function lineOf(name: string, value: string): string {
  return `${name}: ${value}\r\n`;
}
