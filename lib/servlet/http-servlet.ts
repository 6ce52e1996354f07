// oxlint-disable max-lines -- one public class, which netsvc's users know as one; what has a life of its own is a file of its own

import { renderBelow } from "../resources/render-below.ts";
import { type Body, NOT_DONE_YET, type NotDoneYet, type Rendered } from "../web/body.ts";
import { HttpError } from "../web/http-error.ts";
import type { Request } from "../web/request.ts";
import type { Resource } from "../web/resource.ts";
import { Agent } from "./agent.ts";
import { Congestion, type CongestionCallback, type CongestionStatus } from "./congestion.ts";
import type { Job } from "./job.ts";
import { OutOfOrderError, type ServletState } from "./out-of-order-error.ts";

// Taken when loaded: a test that fakes the process's timers must not stop a servlet.
const { queueMicrotask } = globalThis;

/** How the request of a servlet ended: its response was handed over whole, or its client was lost before that. */
export type DestroyReason = Parameters<Parameters<Request["onDisconnect"]>[0]>[0] | "finished";

/** Content up to this length is gathered until the servlet returns, in characters. netsvc's figure. */
const GATHER = 4_096;

/**
 * Answers one request, by events: the request is there, a piece of its content has come, a timer is due, the client has gone. netsvc's `HttpServlet`.
 *
 * Override {@link processRequest} and answer by {@link sendResponse}, {@link sendHeader}, {@link endHeaders}, {@link sendContent} and {@link endContent}, now or
 * later: that it returns ends nothing. A new object is made for each request, by an `HttpServer` mostly.
 *
 * - What is sent leaves when the callback of the servlet returns, or at the end of the turn where it is called from elsewhere; {@link flushContent} does it now.
 * - A call out of order throws an {@link OutOfOrderError}; after the client has left, calls that send are without effect.
 * - What a callback throws (the two `process…`, a timer, a job, one of congestion) is answered 500, or resets the connection once the head is out.
 * - At the end, whichever it is, timers, alarms, jobs and subscriptions of the servlet are cancelled, and {@link destroyServlet} is called once.
 * - A HEAD is rendered as it comes: its content is counted, not sent.
 *
 * Framing, keep-alive, Date and limits are the site's. Deviations from netsvc are in `docs/guide/servlets.md`.
 */
export class HttpServlet {
  /** The request, with all that a resource has of it. netsvc's `session`. */
  readonly request: Request;
  #state: ServletState = "waiting";
  /** Content that has not left yet. Undefined: none, and the head may not be out either. */
  #held: string | Uint8Array | undefined = undefined;
  /** A callback of ours is running: what is sent leaves when it returns. */
  #inside = false;
  /** Something will leave at the end of this turn. */
  #flushDue = false;
  #agent: Agent | undefined = undefined;
  #congestion: Congestion | undefined = undefined;
  #callback: CongestionCallback | undefined = undefined;
  /** The last write said that the client is slow. */
  #slow = false;
  #end: DestroyReason | undefined = undefined;
  /** A call from outside of a callback is sending, and the end may come within it. */
  #sending = false;
  #delegate: Resource | undefined = undefined;

  /** Nothing is to be sent from a constructor. */
  constructor(request: Request) {
    this.request = request;
  }

  // ── to be overridden ──

  /**
   * Called once, when the head of the request has come and not its body. May answer now, begin an answer, or do nothing yet. A promise is
   * waited for only before content is processed, and for what it rejects with.
   *
   * 501 unless it is overridden.
   */
  processRequest(): void | Promise<void> {
    this.sendError(501);
  }

  /**
   * Called with each piece of the content of the request as it comes, after {@link processRequest} and as long as the response has not ended. The bytes are the servlet's own.
   * The next piece is asked for when it returns, or when the promise that it returns resolves.
   *
   * Pieces are of the body alone, without its framing. (In netsvc they may reach into the next request.) Content that nobody overrides this for is left to the connection.
   */
  processContent(_content: Uint8Array): void | Promise<void> {
    return undefined;
  }

  /** Called once after the last piece, or after {@link processRequest} where there is none. Not netsvc's, whose servlets count, and cannot where there is no length. */
  processContentEnd(): void | Promise<void> {
    return undefined;
  }

  /** Called in a later turn when the client is slow, or is so no longer; passes it on to the callback of {@link monitorCongestion}. */
  handleCongestion(status: CongestionStatus, pending: number): void {
    return this.#callback?.(status, pending);
  }

  /**
   * Called exactly once, when all is over: the response was handed over whole, or the client was lost, of which `reason` tells.
   *
   * Timers, alarms, jobs and subscriptions are cancelled already. It never comes within a callback of the servlet, or a call such as {@link endContent} (as in netsvc), but
   * after it. What it throws is logged. There is no need to call the base.
   */
  destroyServlet(_reason: DestroyReason): void | Promise<void> {
    return undefined;
  }

  // ── what was asked ──

  /** As sent; any token. */
  requestMethod(): string {
    return this.request.method;
  }

  /** The target as sent. Deviation: not made absolute, since what the client says of the host is not to be believed. */
  url(): string {
    return this.request.uri;
  }

  /** The path, decoded, with `//`, `.` and `..` resolved by the server. A slash at the end stays. */
  requestPath(): string {
    return `/${this.request.segments.join("/")}`;
  }

  /** What follows the first `?`, as sent. */
  queryString(): string {
    const { uri } = this.request;
    const at = uri.indexOf("?");
    return at === -1 ? "" : uri.slice(at + 1);
  }

  /** `HTTP/1.1` or `HTTP/1.0`. */
  protocolVersion(): string {
    return this.request.version;
  }

  /** The path at which the server object is mounted, without a slash at the end: empty for the root. Deviation: netsvc's code has a full URL. */
  serverRoot(): string {
    const { prepath } = this.request;
    return prepath.length === 0 ? "" : `/${prepath.map(encodeURIComponent).join("/")}`;
  }

  /** The same, decoded, and `/` for the root. */
  serverPath(): string {
    return `/${this.request.prepath.join("/")}`;
  }

  /** What of the path follows {@link serverPath}, decoded, without a slash before it. */
  servletPath(): string {
    return this.request.postpath.join("/");
  }

  /** The address of the client; empty for one that came by a unix socket. */
  clientHost(): string {
    const { client } = this.request;
    return client.family === "unix" ? "" : client.host;
  }

  /** The user whom `authorise` let in; empty without one. */
  remoteUser(): string {
    return this.request.user;
  }

  /** The fields of the request; names in any case. */
  headers(): Request["headers"] {
    return this.request.headers;
  }

  containsHeader(name: string): boolean {
    return this.request.headers.has(name);
  }

  /** The value of a field, several joined by a comma; null where there is none. */
  header(name: string): string | null {
    return this.request.headers.get(name);
  }

  /** Bytes, as the client says; -1 where it does not. What is not a number never comes this far. */
  contentLength(): number {
    return Number(this.request.headers.get("content-length") ?? -1);
  }

  /** With its parameters; empty where there is none. */
  contentType(): string {
    return this.request.headers.get("content-type") ?? "";
  }

  // ── the response ──

  /** Begins the response. Throws a RangeError for what is not 200 to 599. Without a message the standard phrase is sent. */
  sendResponse(status: number, message?: string): void {
    if (!this.#expect("sendResponse", "waiting")) return;
    this.request.setResponseCode(status, message);
    this.#state = "head";
  }

  /** A field of the response, between {@link sendResponse} and {@link endHeaders}. Sent as often as it is given. A bad name or value throws a TypeError. */
  sendHeader(name: string, value: string | number): void {
    if (!this.#expect("sendHeader", "head")) return;
    this.request.responseHeaders.append(name, String(value));
  }

  /** Ends the head, also where there are no fields: from now on it counts as sent. */
  endHeaders(): void {
    if (!this.#expect("endHeaders", "head")) return;
    this.#state = "body";
    this.#flushLater();
  }

  /** Sends a piece of the content, text as UTF-8. It is accepted whatever the client does: see {@link monitorCongestion}. Bytes must not change afterwards. */
  sendContent(data: string | Uint8Array): void {
    if (!this.#expect("sendContent", "body")) return;
    const held = this.#held;
    if (held === undefined) this.#held = data;
    else if (typeof held === "string" && typeof data === "string" && held.length <= GATHER) {
      this.#held = held + data;
    } else {
      this.#write(held);
      this.#held = data;
    }
    if (this.#held.length > GATHER && this.request.phase === "started") this.flushContent();
    else this.#flushLater();
  }

  /** Sends what is gathered now. Without effect before {@link endHeaders}. */
  flushContent(): void {
    if (this.#state !== "body" || this.request.phase === "finished") return;
    const held = this.#held;
    if (held === undefined && this.request.phase === "started") return;
    this.#held = undefined;
    this.#send(() => this.#write(held ?? ""));
  }

  /**
   * Ends the response and gives the connection back. A response that ends before anything of it has left is sent with its length.
   *
   * Less content than a Content-Length says resets the connection; more is cut.
   */
  endContent(): void {
    if (!this.#expect("endContent", "body")) return;
    this.#state = "ended";
    const held = this.#held;
    this.#held = undefined;
    this.#send(() => {
      if (this.request.phase === "open") return this.request.answer(held ?? "");
      if (held !== undefined) this.#write(held);
      return this.request.finish();
    });
  }

  /**
   * Answers with the page of an error (400 to 599, else a RangeError) and ends the response; `message` is shown, escaped.
   *
   * Instead of what was said of a response so far, up to {@link endHeaders}. After that the connection is reset: there is no second status line.
   */
  sendError(status: number, message?: string): void {
    const error = new HttpError(status, message);
    if (this.#state === "ended") throw new OutOfOrderError("sendError", this.#state);
    if (this.#state !== "lost") this.#fail(error);
  }

  /**
   * Breaks the response off, so that the client notices: at once, or after at most `delayMs` for what is unsent.
   *
   * Manual and code of netsvc differ: the manual closes at once, the code waits without a bound.
   */
  shutdown(delayMs = 0): void {
    if (this.#state === "ended" || this.#state === "lost") return;
    if (delayMs > 0) this.flushContent();
    this.#state = "ended";
    this.#held = undefined;
    const abort = (): void => {
      if (this.#end === undefined) this.#send(() => this.request.abort());
    };
    if (delayMs === 0 || this.request.unsent === 0) return abort();
    this.request.callLater(delayMs, abort);
    void this.request.drained().then(abort);
  }

  /** Has `resource` answer, with what is left of the path. Only in {@link processRequest}, before anything of a response. */
  delegate(resource: Resource): void {
    if (!this.#expect("delegate", "waiting")) return;
    this.#state = "ended";
    this.#delegate = resource;
  }

  // ── congestion ──

  /**
   * Calls back with `BLOCKED` when the client is slow and `CLEARED` when it has caught up, in later turns; with `BACKLOG` while much waits.
   *
   * One callback: the next one replaces it. Dispose of the result, or {@link ignoreCongestion}, to hear no more.
   */
  monitorCongestion(callback: CongestionCallback): Disposable {
    this.#callback = callback;
    if (this.#congestion === undefined && this.#end === undefined) {
      const { request } = this;
      this.#congestion = new Congestion(request, (status, pending) => {
        this.#call(() => this.handleCongestion(status, pending));
      });
      if (this.#slow && request.unsent > 0) this.#congestion.slow();
    }
    return {
      [Symbol.dispose]: () => {
        if (this.#callback === callback) this.ignoreCongestion();
      },
    };
  }

  ignoreCongestion(): void {
    this.#callback = undefined;
    this.#congestion?.end();
    this.#congestion = undefined;
  }

  /** Bytes sent that the client has not taken, framing and what is gathered included. */
  pendingContent(): number {
    const held = this.#held;
    const gathered = typeof held === "string" ? Buffer.byteLength(held) : (held?.length ?? 0);
    return this.request.unsent + gathered;
  }

  // ── as an Agent ──

  /** As `Agent.startTimer`; over with the request. */
  startTimer(callback: (tag: string) => void, delayMs: number, tag?: string): string {
    const name = this.#ownAgent.startTimer(callback, delayMs, tag);
    this.#checkOver();
    return name;
  }

  cancelTimer(tag: string): boolean {
    return this.#agent?.cancelTimer(tag) ?? false;
  }

  cancelAllTimers(): void {
    this.#agent?.cancelAllTimers();
  }

  timerPending(tag: string): boolean {
    return this.#agent?.timerPending(tag) ?? false;
  }

  /** As `Agent.setAlarm`; over with the request. */
  setAlarm(callback: (tag: string) => void, timeMs: number, tag?: string): string {
    const name = this.#ownAgent.setAlarm(callback, timeMs, tag);
    this.#checkOver();
    return name;
  }

  cancelAlarm(tag: string): boolean {
    return this.#agent?.cancelAlarm(tag) ?? false;
  }

  alarmPending(tag: string): boolean {
    return this.#agent?.alarmPending(tag) ?? false;
  }

  /** A job on the clock of the site. Once the request is over it never runs, whatever is done to it. */
  createJob(callback: () => void): Job {
    const job = this.#ownAgent.createJob(callback);
    this.#checkOver();
    return job;
  }

  /** Disposes of a subscription when the request is over; at once where it is. Returns it. */
  own<T extends Disposable>(subscription: T): T {
    this.#ownAgent.own(subscription);
    this.#checkOver();
    return subscription;
  }

  // ── its life ──

  /** @internal Has a servlet answer its request, within the call. */
  static serve(servlet: HttpServlet, deadlineMs = 0): Rendered {
    const { request } = servlet;
    request.watchEnd(servlet);
    if (servlet.#end !== undefined) return NOT_DONE_YET;
    if (deadlineMs > 0) servlet.#setDeadline(deadlineMs);
    const processing = servlet.#enter(() => servlet.processRequest());
    const takesContent =
      servlet.processContent !== HttpServlet.prototype.processContent ||
      servlet.processContentEnd !== HttpServlet.prototype.processContentEnd;
    if (processing === undefined && !takesContent) return servlet.#rendered();
    return servlet.#goOn(processing, takesContent);
  }

  /** @internal From the request. */
  requestEnded(end: DestroyReason): void {
    this.#end = end;
    this.#state = end === "finished" ? "ended" : "lost";
    this.#held = undefined;
    this.ignoreCongestion();
    this.#destroyReferences();
    if (this.#inside) return;
    if (this.#sending) queueMicrotask(() => this.#destroy(end));
    else this.#destroy(end);
  }

  /** False where the call is to be without effect. */
  #expect(call: string, state: ServletState): boolean {
    if (this.#state === state) return true;
    if (this.#state === "lost") return false;
    throw new OutOfOrderError(call, this.#state);
  }

  /**
   * Makes a callback of the servlet: what it sent leaves when it returns, what it throws ends the response, and an end that came within it is told of after it.
   *
   * Without effect when all is over.
   */
  #enter<T>(call: () => T): T | undefined {
    if (this.#end !== undefined) return undefined;
    const isOutermost = !this.#inside;
    this.#inside = true;
    let result: T | undefined;
    try {
      result = call();
      if (isOutermost) this.flushContent();
    } catch (error) {
      this.#fail(error);
    }
    if (isOutermost) this.#leave();
    return result;
  }

  #leave(): void {
    this.#inside = false;
    // It may have come while the callback ran, which no narrowing knows.
    const end: DestroyReason | undefined = this.#end;
    if (end !== undefined) this.#destroy(end);
  }

  /** A callback that nobody waits for; of an asynchronous one, what it rejects with. */
  #call(callback: () => unknown): void {
    const result = this.#enter(callback);
    if (result instanceof Promise) result.catch((error: unknown) => this.#fail(error));
  }

  #send(step: () => void): void {
    const before = this.#sending;
    this.#sending = true;
    try {
      step();
    } finally {
      this.#sending = before;
    }
  }

  #write(data: string | Uint8Array): void {
    this.#slow = !this.request.write(data);
    if (this.#slow) this.#congestion?.slow();
  }

  /** A callback flushes when it returns; another caller's turn of promises ends first. */
  #flushLater(): void {
    if (this.#inside || this.#flushDue) return;
    this.#flushDue = true;
    queueMicrotask(() => {
      this.#flushDue = false;
      this.#enter(() => undefined);
    });
  }

  /** Ends the response as `error` says. One whose head is said to be out is broken off, whether or not it has left. */
  #fail(error: unknown): void {
    const { request } = this;
    const isBegun = this.#state === "body" && request.phase === "open";
    if (this.#state !== "lost") this.#state = "ended";
    this.#held = undefined;
    this.#send(() => {
      if (isBegun) this.#begin();
      request.site.failed(request, error);
    });
  }

  #begin(): void {
    try {
      this.request.write("");
    } catch (error) {
      // A head that cannot be sent: then this is the error that is answered.
      this.request.site.failed(this.request, error);
    }
  }

  #setDeadline(deadlineMs: number): void {
    const { request } = this;
    request.callLater(deadlineMs, () => {
      if (this.#state === "ended" || this.#state === "lost") return;
      const { id, method, path } = request;
      request.site.log.warn({ id, method, path }, `a servlet did not end within ${deadlineMs} ms`);
      this.#enter(() => this.sendError(503));
    });
  }

  /** What the request was rendered to. */
  #rendered(): Rendered {
    return this.#delegate === undefined ? NOT_DONE_YET : renderBelow(this.#delegate, this.request);
  }

  async #goOn(processing: Promise<void> | void, takesContent: boolean): Promise<Body | NotDoneYet> {
    try {
      await processing;
      if (takesContent) await this.#takeContent();
    } catch (error) {
      this.#fail(error);
    }
    return this.#rendered();
  }

  async #takeContent(): Promise<void> {
    const pieces = this.request.body[Symbol.asyncIterator]();
    while (!this.#isOver) {
      // oxlint-disable-next-line no-await-in-loop -- one piece after the other
      const piece = await this.#next(pieces);
      if (piece === undefined) break;
      // oxlint-disable-next-line no-await-in-loop -- likewise
      await this.#enter(() => this.processContent(piece));
    }
    if (!this.#isOver) await this.#enter(() => this.processContentEnd());
  }

  /** Undefined at the end of the content, and when nobody wants it any more. */
  async #next(pieces: AsyncIterator<Uint8Array>): Promise<Uint8Array | undefined> {
    try {
      const step = await pieces.next();
      return step.done === true || this.#isOver ? undefined : step.value;
    } catch (error) {
      if (this.#isOver) return undefined;
      /* c8 ignore next 2 -- whoever breaks the protocol, or leaves, is lost before the body says so */
      throw error;
    }
  }

  get #isOver(): boolean {
    return this.#state === "ended" || this.#state === "lost";
  }

  get #ownAgent(): Agent {
    const { clock, site } = this.request;
    const run = (call: () => void): void => this.#call(call);
    this.#agent ??= new Agent({ clock, wallClock: site.wallClock, run });
    return this.#agent;
  }

  /** What was begun after the end is over at once. */
  #checkOver(): void {
    if (this.#end !== undefined) this.#destroyReferences();
  }

  #destroyReferences(): void {
    try {
      this.#agent?.destroyReferences();
    } catch (error) {
      this.request.site.failed(this.request, error);
    }
  }

  #destroy(end: DestroyReason): void {
    const { request } = this;
    try {
      const result: unknown = this.destroyServlet(end);
      if (!(result instanceof Promise)) return;
      result.catch((error: unknown) => request.site.failed(request, error));
    } catch (error) {
      request.site.failed(request, error);
    }
  }
}
