// oxlint-disable max-lines -- one public class, its contract; each part that has a life of its own is a file of its own
import type { Address } from "../channel/address.ts";
import { DisconnectedError } from "../channel/disconnected-error.ts";
import type { Exchange, ResponseHead } from "../channel/exchange.ts";
import type { Clock, DelayedCall } from "../defer/clock.ts";
import { creationObserver } from "../defer/creation.ts";
import { type CookieOptions, parseCookies, serializeCookie } from "../fields/cookies.ts";
import type { Form } from "../fields/form.ts";
import { objectOf, objectOfForm } from "../fields/object-view.ts";
import { pathOf, queryOf, splitPath } from "../fields/path.ts";
import { parseQuery } from "../fields/query.ts";
import { type SchemaOutput, type StandardSchema, validate } from "../fields/standard-schema.ts";
import { Headers } from "../http/headers.ts";
import type { Body } from "./body.ts";
import type { CrossOriginPolicy } from "./cross-origin.ts";
import { type End, Ending, makeFor } from "./ending.ts";
import { FinishedError } from "./finished-error.ts";
import { readJson, readText } from "./read-body.ts";
import { readForm } from "./read-form.ts";
import { localRedirect } from "./redirect.ts";
import { RequestBody } from "./request-body.ts";
import { RequestPromise } from "./request-promise.ts";
import type { Session } from "./session.ts";
import type { Origin, SiteContext } from "./site-context.ts";
import { setETag, setLastModified } from "./validators.ts";

/**
 * Where the response stands: nothing sent, head sent, ended by `finish` (or by an error), or its client lost before that.
 */
type Phase = "open" | "started" | "finished" | "lost";

/** @internal Who is told of the end of a request. What it throws is its own to take. */
export interface EndWatcher {
  requestEnded(end: DisconnectedError | "finished"): void;
}

/**
 * One request and the response to it. Twisted's `IRequest`.
 *
 * It is rendered when its head has arrived; the body comes in when it is asked for. What was not asked for costs nothing:
 * fields, query, cookies, promises and the signal are made on first use. It stays readable after its end.
 */
export class Request {
  /** As sent; case matters. */
  readonly method: string;
  /** The request target as sent. */
  readonly uri: string;
  /** `HTTP/1.1` or `HTTP/1.0`. */
  readonly version: string;
  /** The site that it came to. */
  readonly site: SiteContext<Request>;
  #exchange: Exchange;
  #segments: readonly string[] | undefined;
  #depth = 0;
  #phase: Phase = "open";
  #status = 200;
  #reason = "";
  #responseHeaders: Headers | undefined;
  #lasting: [name: string, value: string][] | undefined;
  #ending: Ending | undefined;
  #end: DisconnectedError | "finished" | undefined;
  #body: RequestBody | undefined;
  #query: URLSearchParams | undefined;
  #cookies: ReadonlyMap<string, string> | undefined;
  #origin: Origin | undefined;
  #session: Promise<Session> | undefined;
  #id = "";
  #watcher: EndWatcher | undefined;
  /** Who waits for a slow client; undefined while it is not slow. */
  #drained: (() => void)[] | undefined;
  /** @internal When it came, in ms on the clock; 0 where nobody keeps a log. */
  readonly begunMs: number;
  /** @internal A mistake of the program was answered for it. */
  hasFailed = false;
  /** The user whom a guard let in, for the log; empty without one. */
  user = "";
  /** @internal Which pages may make a browser send what changes something: the rule of the site, or that of a wrapper. Undefined: all. */
  crossOrigin: CrossOriginPolicy | undefined;

  /** @internal Made by the site. */
  constructor(exchange: Exchange, site: SiteContext<Request>, begunMs: number) {
    this.method = exchange.head.method;
    this.uri = exchange.head.target;
    this.version = exchange.head.version;
    this.site = site;
    this.crossOrigin = site.crossOrigin;
    this.begunMs = begunMs;
    this.#exchange = exchange;
    exchange.attach(this);
    creationObserver?.(this);
  }

  // ── what was asked ──

  /** The path of the target as sent, without its query, not decoded. */
  get path(): string {
    return pathOf(this.#exchange.head.path);
  }

  /** The decoded segments that led to the resource which renders. */
  get prepath(): readonly string[] {
    return this.segments.slice(0, this.#depth);
  }

  /** The decoded segments that are left for it. */
  get postpath(): readonly string[] {
    return this.segments.slice(this.#depth);
  }

  /** The arguments of the query; those of a form are in {@link form}. Bad escapes throw an error that is answered 400. */
  get query(): URLSearchParams {
    this.#query ??= parseQuery(queryOf(this.#exchange.head.path));
    return this.#query;
  }

  /** The fields of the request, read-only. */
  get headers(): Headers {
    return this.#exchange.head.headers;
  }

  /** The cookies sent, by name; of two with the same name the last. */
  get cookies(): ReadonlyMap<string, string> {
    this.#cookies ??= parseCookies(this.headers.get("cookie") ?? "");
    return this.#cookies;
  }

  /** Who sent it: the peer of the connection, or whom a trusted proxy names. */
  get client(): Address {
    return this.#from.client;
  }

  /** Whether it came over TLS, here or at a trusted proxy. */
  get isSecure(): boolean {
    return this.#from.secure;
  }

  /** The host and port that it was sent to, as the client (or a trusted proxy) says. Not to be echoed unchecked. */
  get authority(): string {
    return this.#from.authority;
  }

  /** Where all its time comes from: that of the site. */
  get clock(): Clock {
    return this.site.clock;
  }

  /** Names it in logs; unique in the process. */
  get id(): string {
    if (this.#id === "") this.#id = this.site.nextId();
    return this.#id;
  }

  // ── its body ──

  /** The body as it comes in, pulled no faster than it is read, once. A loss of the client rejects with {@link DisconnectedError}. */
  get body(): AsyncIterable<Uint8Array> {
    this.#body ??= this.#makeBody();
    return this.#body;
  }

  /** The whole body, of at most `limit` bytes (16 MiB, `limits.bodyBytes`); more rejects with an {@link HttpError} 413. */
  bytes(limit: number = this.site.limits.bodyBytes): Promise<Uint8Array> {
    this.#body ??= this.#makeBody();
    const gathering = this.#body.gather(limit);
    const { whole } = gathering;
    if (whole !== undefined) return RequestPromise.resolved(whole, this);
    return this.#promise((resolve, reject) => {
      gathering.tell(resolve, reject);
    });
  }

  /** The whole body as text: UTF-8, or Latin-1 where its type says so. Anything else rejects with a 400 or 415. */
  text(limit: number = this.site.limits.bodyBytes): Promise<string> {
    return this.#promise((resolve) => resolve(readText(this, limit)));
  }

  /**
   * The whole body as JSON; another type than JSON rejects with 415, bad syntax with 400, more than `limit` (1 MiB, `limits.jsonBytes`) with 413.
   *
   * A schema (Standard Schema: zod, valibot, arktype and others) says what it is to be; anything else rejects with a {@link ValidationError}, which is answered 400 with
   * what is wrong. Without one the type is a claim that nobody checks.
   */
  json<T>(limit?: number): Promise<T>;
  json<S extends StandardSchema>(schema: S, limit?: number): Promise<SchemaOutput<S>>;
  json(first?: StandardSchema | number, second?: number): Promise<unknown> {
    const [schema, limit] = typeof first === "number" ? [undefined, first] : [first, second];
    const read = async (): Promise<unknown> => {
      const value = await readJson(this, limit ?? this.site.limits.jsonBytes);
      return schema === undefined ? value : validate(schema, value);
    };
    return this.#promise((resolve) => resolve(read()));
  }

  /**
   * The form in the body, urlencoded or multipart. Its files are there until the request has ended.
   *
   * Another type rejects with 415, what is malformed with 400, too much with 413 (`limits.formBytes` for the fields), a full disk with 507. One that a page
   * of another site made the browser send rejects with 403; see `SiteOptions.crossOrigin`.
   *
   * With a schema it is what that makes of an object: a field or file that comes once by itself, several of a name as an array; see {@link json}.
   */
  form(): Promise<Form>;
  form<S extends StandardSchema>(schema: S): Promise<SchemaOutput<S>>;
  form(schema?: StandardSchema): Promise<unknown> {
    const read = async (): Promise<unknown> => {
      this.crossOrigin?.check(this);
      const form = await readForm(this, this.site.limits.formBytes);
      return schema === undefined ? form : validate(schema, objectOfForm(form));
    };
    return this.#promise((resolve) => resolve(read()));
  }

  /** The arguments of the query, as a schema makes them of an object; see {@link form}. */
  args<S extends StandardSchema>(schema: S): Promise<SchemaOutput<S>> {
    return this.#promise((resolve) => resolve(validate(schema, objectOf(this.query))));
  }

  // ── the head of the response ──

  /** The status of the response: 200 unless set. */
  get code(): number {
    return this.#status;
  }

  /** Throws a RangeError for what is not 200 to 599, and an error once the head is out. Without `reason` the standard phrase is sent. */
  setResponseCode(code: number, reason = ""): void {
    this.#expectOpen("setResponseCode");
    if (!Number.isInteger(code) || code < 200 || code > 599) {
      throw new RangeError(`${code} is not the status of a response`);
    }
    if (!REASON.test(reason)) throw new TypeError("the reason phrase has a control character");
    this.#status = code;
    this.#reason = reason;
  }

  /** Replaces a field. A bad name or value throws a TypeError; once the head is out an error is thrown. */
  setHeader(name: string, value: string): void {
    this.#expectOpen("setHeader");
    this.responseHeaders.set(name, value);
  }

  /** @internal Sets all fields of `ready`, which is not changed, and adds its Vary; as good as free where none were set before. */
  setHeaders(ready: Headers): void {
    this.#expectOpen("setHeaders");
    if (this.#responseHeaders === undefined) {
      this.#responseHeaders = ready.copy();
      return;
    }
    for (const [name, value] of ready) {
      if (name === "vary") this.#responseHeaders.append(name, value);
      else this.#responseHeaders.set(name, value);
    }
  }

  /** The fields of the response. Read-only once the head is out. */
  get responseHeaders(): Headers {
    this.#responseHeaders ??= new Headers();
    return this.#responseHeaders;
  }

  /** Sets a cookie: `Path=/; HttpOnly; SameSite=Lax` unless said otherwise, and `Secure` over TLS. Throws a TypeError for what no browser would take. */
  addCookie(name: string, value: string, options: CookieOptions = {}): void {
    this.#expectOpen("addCookie");
    const cookie = serializeCookie(name, value, { secure: this.isSecure, ...options });
    this.responseHeaders.append("set-cookie", cookie);
  }

  /** Makes the response a redirect and returns its page. The target must be local (a path); another throws a TypeError. See `Redirect` for absolute ones. */
  redirect(url: string, code = 302): Body {
    return localRedirect(this, url, code);
  }

  /** Says when the content last changed. True: the client's copy is current, 304 (or 412) was set and the body is not needed. */
  setLastModified(when: Date): boolean {
    this.#expectOpen("setLastModified");
    return setLastModified(this, when);
  }

  /** Says what the content is: `"abc"` or `W/"abc"`. True: as {@link setLastModified}. */
  setETag(tag: string): boolean {
    this.#expectOpen("setETag");
    return setETag(this, tag);
  }

  // ── the body of the response ──

  /**
   * Sends a piece of the body; the first call sends the head as well.
   *
   * False when the client is slow: what was given is kept, but {@link drained} should be awaited before more. After the client left
   * it returns false and does nothing; after one's own {@link finish} it throws {@link FinishedError}.
   */
  write(data: string | Uint8Array): boolean {
    switch (this.#phase) {
      case "open":
        return this.#flows(this.#begin(checkedPiece(data)));
      case "started":
        return this.#flows(this.#exchange.write(checkedPiece(data)));
      case "finished":
        throw new FinishedError("write");
      case "lost":
        this.#tellLate("write");
        return false;
      default:
        return this.#phase satisfies never;
    }
  }

  /** Resolves when the client has caught up, or is gone; at once where the last {@link write} did not return false. */
  drained(): Promise<void> {
    const waiting = this.#drained;
    if (waiting === undefined || this.#end !== undefined) return Promise.resolve();
    return new Promise((resolve) => {
      waiting.push(resolve);
    });
  }

  /**
   * Sends what is left of the response and gives the connection back.
   *
   * A second call throws {@link FinishedError}. After the client has left it does nothing: there is nobody to tell.
   * That it returns does not mean that the client has received anything; see {@link notifyFinish}.
   */
  finish(): void {
    switch (this.#phase) {
      case "open":
        return this.answer("");
      case "started":
        this.#phase = "finished";
        return this.#exchange.finish();
      case "finished":
        throw new FinishedError("finish");
      case "lost":
        return this.#tellLate("finish");
      default:
        return this.#phase satisfies never;
    }
  }

  /**
   * What the site remembers of this visitor. One object a request; it begins to exist when something is set.
   *
   * Where the method changes something and a page of another site made the browser send it, rejects with 403; see `SiteOptions.crossOrigin`.
   */
  session(): Promise<Session> {
    this.#session ??= this.#promise((resolve) => {
      this.crossOrigin?.check(this);
      resolve(this.site.sessions.of(this));
    });
    return this.#session;
  }

  // ── its end ──

  /**
   * Resolves when the response was handed over whole; rejects with {@link DisconnectedError} when the client was lost before that.
   *
   * A new promise at each call; asked for after the end it settles at once. One that nobody handles is not an unhandled rejection, nor is what `then` makes of it.
   */
  notifyFinish(): Promise<void> {
    return this.#promise<void>((resolve, reject) => {
      if (this.#end === undefined) this.#watch.wait({ resolve, reject });
      else if (this.#end === "finished") resolve();
      else reject(this.#end);
    });
  }

  /** Aborts, with a {@link DisconnectedError} for its reason, when the client is lost. It does not abort when all goes well. */
  get signal(): AbortSignal {
    if (this.#end instanceof DisconnectedError) return AbortSignal.abort(this.#end);
    return this.#watch.signal;
  }

  /** Calls `listener` when the client is lost, before the signal and the promises; at once when it is lost already. Dispose to be left alone. */
  onDisconnect(listener: (reason: DisconnectedError) => void): Disposable {
    const end = this.#end;
    if (end === undefined) return this.#watch.listen(listener);
    if (end instanceof DisconnectedError) this.#guarded(() => listener(end));
    return { [Symbol.dispose]: () => undefined };
  }

  /** As `clock.callLater`, but cancelled when the request ends, however it ends. What the call throws ends the request as a throw in `render` does. */
  callLater<A extends unknown[]>(
    delayMs: number,
    call: (...args: A) => void,
    ...args: A
  ): DelayedCall {
    const delayed = this.clock.callLater(delayMs, makeFor<A>, this, call, ...args);
    if (this.#end === undefined) return this.#watch.bind(delayed);
    delayed.cancel();
    return delayed;
  }

  // ── for the site ──

  /** @internal All segments, decoded; bad escapes throw. */
  get segments(): readonly string[] {
    this.#segments ??= splitPath(this.#exchange.head.path);
    return this.#segments;
  }

  /** @internal The next segment, moved from postpath to prepath; undefined when there is none left. */
  descend(): string | undefined {
    const segment = this.segments[this.#depth];
    if (segment !== undefined) this.#depth += 1;
    return segment;
  }

  /** @internal Moves the last segment back to postpath, for a wrapper that was asked for a child and lets another resource be asked in its place. */
  ascend(): void {
    if (this.#depth > 0) this.#depth -= 1;
  }

  /** @internal Puts other segments in the place of postpath. */
  redirectPath(postpath: readonly string[]): void {
    this.#segments = [...this.prepath, ...postpath];
  }

  /** @internal Something of this request's failed: answers for it, as far as that can still be done. */
  failed(error: unknown): void {
    this.site.failed(this, error);
  }

  /** @internal Called at the end, whichever it is; the result takes that back. At once when it is over. */
  own(giveBack: () => void): () => void {
    if (this.#end === undefined) return this.#watch.own(giveBack);
    giveBack();
    return () => undefined;
  }

  /** @internal `watcher` is told of the end, after all that was bound to it; at once when it is over. The first one costs nothing. */
  watchEnd(watcher: EndWatcher): void {
    if (this.#end !== undefined) watcher.requestEnded(this.#end);
    else if (this.#watcher === undefined) this.#watcher = watcher;
    else this.own(() => watcher.requestEnded(this.#end ?? "finished"));
  }

  /** @internal Bytes of the response that were written and that the client has not taken. */
  get unsent(): number {
    return this.#exchange.unsent;
  }

  /** @internal */
  get phase(): Phase {
    return this.#phase;
  }

  /** @internal Body bytes sent. */
  get bytesSent(): number {
    return this.#exchange.bytesSent;
  }

  /** @internal The whole body at once. */
  answer(body: string | Uint8Array): void {
    const head = this.#head(body.length > 0);
    this.#phase = "finished";
    try {
      this.#exchange.respond(head, body);
    } catch (error) {
      throw this.#notBegun(error);
    }
  }

  /** @internal Lets what `wrap` makes of the exchange pass on the answer, for wrappers that change it on its way. An error once the head is out. */
  wrapExchange(wrap: (exchange: Exchange) => Exchange): void {
    this.#expectOpen("wrapExchange");
    this.#exchange = wrap(this.#exchange);
  }

  /** @internal Adds a field to the answer, whatever it will be: the page of an error has it too. For wrappers. */
  addLasting(name: string, value: string): void {
    this.responseHeaders.append(name, value);
    this.#lasting ??= [];
    this.#lasting.push([name, value]);
  }

  /** @internal Sets a cookie in the place of one of that name; the page of an error has it too. For sessions. */
  replaceCookie(name: string, value: string, options: CookieOptions): void {
    this.#expectOpen("a cookie");
    const line = serializeCookie(name, value, options);
    const isOther = (cookie: string): boolean => !cookie.startsWith(`${name}=`);
    const others = this.responseHeaders.getSetCookie().filter(isOther);
    this.responseHeaders.delete("set-cookie");
    for (const other of others) this.responseHeaders.append("Set-Cookie", other);
    this.#lasting = this.#lasting?.filter(
      ([field, other]) => field !== "Set-Cookie" || isOther(other),
    );
    this.addLasting("Set-Cookie", line);
  }

  /** @internal Throws away what was said so far of an answer of which nothing was sent. */
  startOver(): void {
    this.#responseHeaders = this.#lasting && new Headers(this.#lasting);
    this.#status = 200;
    this.#reason = "";
  }

  /** @internal Breaks the response off so that the client notices. */
  abort(): void {
    if (this.#phase === "lost") return;
    this.#phase = "finished";
    this.#exchange.abort();
  }

  // ── from the carrier ──

  /** @internal */
  bodyReady(): void {
    this.#body?.ready();
  }

  /** @internal */
  caughtUp(): void {
    if (this.#exchange.caughtUp?.() !== false) this.#goOn();
  }

  /** @internal */
  handedOver(): void {
    this.#over(undefined);
  }

  /** @internal */
  lost(reason: DisconnectedError): void {
    if (this.#phase !== "finished") this.#phase = "lost";
    this.#over(reason);
  }

  // ── in between ──

  get #from(): Origin {
    this.#origin ??= this.site.originOf(this.#exchange);
    return this.#origin;
  }

  get #watch(): Ending {
    this.#ending ??= new Ending(this);
    return this.#ending;
  }

  #over(end: End): void {
    this.#end = end ?? "finished";
    this.#ending?.settle(end);
    this.#watcher?.requestEnded(this.#end);
    this.#body?.close(end === undefined ? bodyFinished : () => end);
    this.#goOn();
    this.site.over(this, end);
  }

  /** Tells those who wait for a slow client. */
  #goOn(): void {
    const waiting = this.#drained;
    this.#drained = undefined;
    if (waiting !== undefined) for (const resolve of waiting) resolve();
  }

  #makeBody(): RequestBody {
    const body = new RequestBody(this.#exchange);
    const end = this.#end;
    if (end === "finished") body.close(bodyFinished);
    else if (end !== undefined) body.close(() => end);
    return body;
  }

  #promise<T>(
    executor: (
      resolve: (value: T | PromiseLike<T>) => void,
      reject: (reason: unknown) => void,
    ) => void,
  ): Promise<T> {
    return RequestPromise.make(executor, this);
  }

  #guarded(call: () => void): void {
    makeFor(this, call);
  }

  /** Remembers that the client is slow. */
  #flows(flows: boolean): boolean {
    if (!flows) this.#drained ??= [];
    return flows;
  }

  #begin(data: string | Uint8Array): boolean {
    const head = this.#head(true);
    this.#phase = "started";
    try {
      return this.#exchange.start(head, data);
    } catch (error) {
      throw this.#notBegun(error);
    }
  }

  /** A head that was refused leaves the response open, for an error page. */
  #notBegun(error: unknown): unknown {
    if (!this.#exchange.begun && this.#phase !== "lost") this.#phase = "open";
    return error;
  }

  #head(hasBody: boolean): ResponseHead {
    const headers = this.responseHeaders;
    const status = this.#status;
    if (hasBody && status !== 204 && status !== 304 && !headers.has("content-type")) {
      headers.set("Content-Type", "text/html; charset=utf-8");
    }
    return { status, reason: this.#reason, headers };
  }

  #expectOpen(call: string): void {
    if (this.#phase === "started") throw new Error(`${call}: the head of the response is out`);
    if (this.#phase === "finished") throw new FinishedError(call);
  }

  #tellLate(call: string): void {
    this.site.log.debug({ id: this.id, method: this.method }, `${call} after the client had left`);
  }
}

/** Types say so; a program without them may not. */
function checkedPiece(data: string | Uint8Array): string | Uint8Array {
  if (typeof data === "string" || data instanceof Uint8Array) return data;
  throw new TypeError("a piece of a body is a string or a Uint8Array");
}

function bodyFinished(): FinishedError {
  return new FinishedError("the body of the request");
}

// oxlint-disable-next-line no-control-regex -- they are what is refused (RFC 9112 section 4)
const REASON = /^[\t\x20-\x7e\x80-\xff]*$/;
