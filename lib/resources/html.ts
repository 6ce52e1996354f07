import { escapeHtml } from "../web/escape.ts";
import { bareHoles } from "./html-holes.ts";

/**
 * What may stand in a hole of {@link html}.
 *
 * Text and numbers are escaped; `null`, `undefined` and booleans are nothing, so that `${condition && …}` works; arrays and other
 * iterables are each of their parts; what is awaited or iterated over later holds the page back there, and not before.
 * Bytes are UTF-8 text.
 */
export type HtmlChild = HtmlValue | PromiseLike<HtmlValue>;

/** A child that is there, though perhaps not all of it. */
export type HtmlValue =
  | Html
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Date
  | URL
  | Uint8Array
  | Iterable<HtmlChild>
  | AsyncIterable<HtmlChild>;

/** What has to be waited for. */
type Later = PromiseLike<HtmlValue> | AsyncIterable<HtmlChild>;

/**
 * HTML that is safe to be sent: made by {@link html} or {@link raw}, and a body to be returned from `render`.
 *
 * Where nothing has to be waited for it is a text, {@link whole}. Else it is iterated over, once, and gives each piece as soon as it
 * is there; what a child throws or rejects with is thrown then. Whoever stops before the end stops the children too.
 */
export class Html implements AsyncIterable<string> {
  /** In order: what comes before `#text`. Undefined where nothing has to be waited for. */
  #before: (string | Later)[] | undefined;
  #text = "";

  /** All of it, or undefined where something has to be waited for. */
  get whole(): string | undefined {
    return this.#before === undefined ? this.#text : undefined;
  }

  /** As {@link whole}; throws a TypeError where something has to be waited for. */
  toString(): string {
    if (this.#before !== undefined)
      throw new TypeError("this page is not complete: iterate over it");
    return this.#text;
  }

  /** The pieces, as they come. Stopping it stops what has not had its turn at once, and the child whose turn it is as soon as it can be. */
  [Symbol.asyncIterator](): AsyncIterator<string, void, undefined> {
    const parts = [...(this.#before ?? []), this.#text];
    const pieces = inOrder(parts);
    return {
      next: () => pieces.next(),
      return: async () => {
        const [end] = await Promise.all([pieces.return(), stop(parts)]);
        return end;
      },
    };
  }

  /** @internal The page so far, and text after it that needs no escaping. */
  append(markup: string): void {
    this.#text += markup;
  }

  /** @internal */
  appendHtml(inner: Html): void {
    if (inner.#before !== undefined) {
      this.#before ??= [];
      this.#before.push(this.#text, ...inner.#before);
      this.#text = "";
    }
    this.#text += inner.#text;
  }

  /** @internal */
  appendLater(later: Later): void {
    // It may fail before its turn comes, and is thrown when it does.
    if ("then" in later) later.then(undefined, () => undefined);
    this.#before ??= [];
    this.#before.push(this.#text, later);
    this.#text = "";
  }
}

/**
 * A template of HTML. Whatever is put into it is escaped, quotes included, unless it is {@link Html} itself.
 *
 * Where escaping does not help (an unquoted attribute, a tag, a comment, inside `script` or `style`), only numbers, plain words,
 * nothing, and what went through {@link raw} may stand: anything else throws a TypeError. That an address is not `javascript:` is
 * not seen to. A value that is no {@link HtmlChild} throws one as well.
 *
 * Iterables are read at once; use an async one for what should not be in memory as a whole.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlChild[]): Html {
  const page = new Html();
  const bare = bareHoles(strings);
  let index = 0;
  for (const markup of strings) {
    page.append(markup);
    const value = values[index];
    if (bare?.has(index)) checkBare(value);
    add(page, value);
    index++;
  }
  return page;
}

/** Text that is HTML already, put into a page as it is. Never what somebody sent. */
export function raw(markup: string): Html {
  const page = new Html();
  page.append(markup);
  return page;
}

function add(page: Html, value: HtmlChild): void {
  if (typeof value === "string") page.append(escapeHtml(value));
  else if (typeof value === "number" || typeof value === "bigint") page.append(String(value));
  else if (value === null || value === undefined || typeof value === "boolean") return;
  else if (value instanceof Html) page.appendHtml(value);
  else if (Array.isArray(value)) addAll(page, value);
  else addObject(page, value);
}

function addAll(page: Html, values: Iterable<HtmlChild>): void {
  for (const value of values) add(page, value);
}

function addObject(page: Html, value: Exclude<HtmlChild & object, Html>): void {
  // Whoever does without types may have sent anything.
  if (typeof value !== "object") throw unfit(value);
  if (value instanceof Uint8Array) page.append(escapeHtml(new TextDecoder().decode(value)));
  else if (isLater(value)) page.appendLater(value);
  else if (Symbol.iterator in value) addAll(page, value);
  // A date or a URL: whatever says how it is written.
  else if ("toString" in value && value.toString !== Object.prototype.toString)
    page.append(escapeHtml(String(value)));
  else throw unfit(value);
}

function isLater(value: object): value is Later {
  return "then" in value || Symbol.asyncIterator in value;
}

function checkBare(value: HtmlChild): void {
  if (typeof value === "string" ? /^[\w.-]*$/.test(value) : isPlain(value)) return;
  throw new TypeError(
    "this hole is not between tags or in quotes: only a word or raw() may stand there",
  );
}

function isPlain(value: HtmlChild): boolean {
  return typeof value !== "object" || value === null || value instanceof Html;
}

function unfit(value: unknown): TypeError {
  return new TypeError(`${Object.prototype.toString.call(value)} cannot be put into a page`);
}

/** The parts as text, each when it is its turn; takes them off the list. */
async function* inOrder(parts: (string | Later)[]): AsyncGenerator<string, void, undefined> {
  try {
    let text = "";
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      if (typeof part === "string") {
        text += part;
        continue;
      }
      if (text !== "") yield text;
      text = "";
      yield* arrive(part);
    }
    if (text !== "") yield text;
  } finally {
    await stop(parts);
  }
}

async function* arrive(child: Later): AsyncGenerator<string, void, undefined> {
  if ("then" in child) {
    yield* piecesOf(await child);
    return;
  }
  // Letters may be cut in two where bytes come in pieces.
  const decoder = new TextDecoder();
  for await (const value of child) {
    yield* piecesOf(value instanceof Uint8Array ? decoder.decode(value, { stream: true }) : value);
  }
  yield* piecesOf(decoder.decode());
}

async function* piecesOf(value: HtmlChild): AsyncGenerator<string, void, undefined> {
  const page = new Html();
  add(page, value);
  yield* page;
}

/** Tells all that is still on the list that nobody wants it. How they take it is of no interest any more. */
async function stop(parts: (string | Later)[]): Promise<void> {
  const rest = parts.splice(0);
  await Promise.allSettled(
    rest.map(async (part) => {
      if (typeof part === "string" || !(Symbol.asyncIterator in part)) return;
      await part[Symbol.asyncIterator]().return?.();
    }),
  );
}
