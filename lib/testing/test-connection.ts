import { Buffer } from "node:buffer";
import { type Clock, type DelayedCall, keepHouse } from "../defer/clock.ts";
import { creationObserver } from "../defer/creation.ts";
import type { Protocol } from "../transport/transport.ts";
import type { CookieJar } from "./cookie-jar.ts";
import { ReceivedBody } from "./received-body.ts";
import { ReplyQueue } from "./reply-queue.ts";
import {
  bareRequest,
  checkedMethod,
  latin1,
  type Piece,
  type RequestMessage,
  requestMessage,
  type TestHeaders,
  type TestMessageInit,
  target,
} from "./request-message.ts";
import { IncomingReply, type ReplyOwner, type TestReply } from "./test-reply.ts";
import { PiecewiseUpload, sendList, sendStream } from "./upload.ts";

// As it is when this is loaded: a test may replace the global one afterwards.
const { queueMicrotask } = globalThis;

/** A request on a connection. */
export interface TestRequestInit extends TestMessageInit {
  /** Whether the client's cookies are sent and kept; true. */
  readonly cookies?: boolean;
  /** Sends the pieces of `body` slowly, on the clock: the first at once, then one every so many ms. */
  readonly writer?: { readonly everyMs: number };
}

/** One of several requests that go out in one write; see {@link TestConnection.pipeline}. */
export interface PipelinedRequest extends TestRequestInit {
  readonly method?: string;
  readonly path: string;
}

/** What the requests of one client share. */
export interface ClientContext {
  readonly clock: Clock;
  readonly jar: CookieJar;
  /** Fields that each request sends. */
  readonly headers: TestHeaders | undefined;
}

/** The client's end of a connection: what is used of a `MemoryTransport`. */
export interface ClientEnd {
  readonly secure: boolean;
  start(protocol: Protocol): void;
  write(data: string): boolean;
  end(): void;
  close(): void;
  abort(): void;
  pause(): void;
  resume(): void;
  allow(bytes: number): void;
}

/** What a connection is made for. */
export interface ConnectionUse {
  /** What the client does with one of its own whenever all replies have come whole. */
  readonly whenIdle?: ((connection: TestConnection) => void) | undefined;
  /** Whether it stays open when the server has ended. False. */
  readonly allowHalfOpen?: boolean | undefined;
}

/** How often a slow reader takes a share, in ms, where its rate gives at least a byte for it. */
const SHARE_MS = 100;

/**
 * A connection to a site in memory: raw bytes to write, all that came back to read, and requests one after another or pipelined.
 *
 * What a synchronous server answers is here when the method returns. `text` and `bytes` hold everything that was received,
 * whether or not it belongs to a reply that was asked for.
 */
export class TestConnection implements ReplyOwner {
  readonly #transport: ClientEnd;
  readonly #context: ClientContext;
  readonly #queue: ReplyQueue;
  readonly #received: ReceivedBody | undefined;
  /** Whether it stays open when the server has ended. */
  readonly #halfOpen: boolean;
  readonly #whenIdle: ((connection: TestConnection) => void) | undefined;
  /** A write is running: the server may answer within it. */
  #writing = false;
  #ended = false;
  /** It was closed from here, or is gone. */
  #leaving = false;
  #closed = false;
  #failure: Error | undefined = undefined;
  #drains: (() => void)[] | undefined = undefined;
  #sharing: DelayedCall | undefined = undefined;

  /** @internal Only the client makes them. */
  constructor(
    transport: ClientEnd,
    context: ClientContext,
    { whenIdle, allowHalfOpen = false }: ConnectionUse = {},
  ) {
    this.#transport = transport;
    this.#context = context;
    this.#queue = new ReplyQueue(context.jar);
    this.#whenIdle = whenIdle;
    this.#halfOpen = allowHalfOpen;
    this.#received = whenIdle === undefined ? new ReceivedBody() : undefined;
    transport.start({
      received: (bytes) => this.#take(bytes),
      ended: () => this.#takeEnd(),
      drained: () => this.#tellDrained(),
      lost: (reason) => this.#lose(reason),
    });
    creationObserver?.(this);
  }

  /** Everything that came, as UTF-8. */
  get text(): string {
    return this.#received?.text ?? "";
  }

  /** Everything that came. A copy. */
  get bytes(): Uint8Array {
    return this.#received?.bytes ?? new Uint8Array();
  }

  /** The replies to what was sent by {@link request} and {@link pipeline}, or asked for by {@link expectReply}, in order. */
  get replies(): readonly TestReply[] {
    return this.#queue.all;
  }

  /** Whether the server has said that it sends nothing more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether the connection is gone, both ways. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Why it was lost, where that was not by agreement: a reset of either side. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Whether it can carry another request now: it is open, and every reply has come whole. */
  get idle(): boolean {
    return !this.#closed && !this.#ended && this.#queue.idle;
  }

  /** Sends bytes as they are, a string as UTF-8. False when the server is slow to take them, or gone. */
  write(data: Piece): boolean {
    return this.#output(latin1(data));
  }

  /** Sends a few bytes at a time on the clock: the first at once, the next every `everyMs`. */
  trickle(data: Piece, everyMs: number, bytesAtOnce = 1): void {
    const bytes = latin1(data);
    const rest = Buffer.from(bytes.slice(bytesAtOnce), "latin1");
    this.#output(bytes.slice(0, bytesAtOnce));
    if (rest.length > 0 && !this.#closed) {
      keepHouse(this.#context.clock, everyMs, () => this.trickle(rest, everyMs, bytesAtOnce));
    }
  }

  /** Takes what comes next, or came and belongs to no reply yet, for the reply to a request with this method. */
  expectReply(method = "GET", path = "(raw)"): TestReply {
    const reply = new IncomingReply(method, path, this);
    this.#queue.expect(reply);
    if (!this.#queue.parse()) this.reset();
    return reply;
  }

  /** Sends a request. Also while others wait for their replies, which come in order. */
  request(method: string, path: string, init?: TestRequestInit): TestReply {
    const reply = new IncomingReply(checkedMethod(method), target(path), this);
    this.#queue.expectNew(reply);
    const { headers, jar } = this.#context;
    if (init === undefined && headers === undefined && jar.empty) {
      this.#output(bareRequest(reply.method, reply.path));
    } else this.#send(reply, init ?? {});
    return reply;
  }

  /** Sends several requests in one write: GET unless they say otherwise. None of them may have a body in pieces. */
  pipeline(requests: readonly PipelinedRequest[]): readonly TestReply[] {
    let output = "";
    const replies: TestReply[] = [];
    for (const { method = "GET", path, ...init } of requests) {
      const reply = new IncomingReply(checkedMethod(method), target(path), this);
      const message = this.#message(reply, init);
      if (comesLater(init, message)) {
        throw new TypeError("a body in pieces cannot be pipelined");
      }
      this.#queue.expectNew(reply);
      replies.push(reply);
      output += message.head + message.body;
    }
    this.#output(output);
    return replies;
  }

  /** Says that nothing more will be sent (a FIN), and reads on. */
  end(): void {
    this.#transport.end();
  }

  /** Closes both ways, as a closed tab does. */
  close(): void {
    this.#leave("the client itself closed the connection");
    this.#transport.close();
  }

  /** Resets the connection. */
  reset(): void {
    this.#leave("the client itself reset the connection");
    this.#transport.abort();
  }

  /** Stops reading: also the end of the connection is not noticed. */
  pause(): void {
    this.#transport.pause();
  }

  /** From the first call on reads only as many bytes as all calls together allowed. `read(0)` stops. */
  read(bytes: number): void {
    this.#transport.allow(bytes);
    this.#transport.resume();
  }

  /** Reads on, without a limit. */
  resume(): void {
    this.#sharing?.cancel();
    this.read(Number.POSITIVE_INFINITY);
  }

  /** From now on reads at this rate, on the clock, as a slow client does. */
  readSlowly(bytesPerSecond: number): void {
    const everyMs = Math.max(SHARE_MS, 1000 / bytesPerSecond);
    let due = 0;
    const share = (): void => {
      due += (bytesPerSecond * everyMs) / 1000;
      this.read(Math.floor(due));
      due -= Math.floor(due);
      if (!this.#closed) this.#sharing = keepHouse(this.#context.clock, everyMs, share);
    };
    this.read(0);
    this.#sharing?.cancel();
    this.#sharing = keepHouse(this.#context.clock, everyMs, share);
  }

  // ── sending ──

  #message(reply: IncomingReply, init: TestRequestInit): RequestMessage {
    const { headers, jar } = this.#context;
    const own = headers === undefined ? [] : [headers];
    reply.keepsCookies = init.cookies !== false;
    const cookies = reply.keepsCookies ? jar.header(reply.path, this.#transport.secure) : "";
    if (cookies !== "") own.unshift({ Cookie: cookies });
    return requestMessage(reply.method, reply.path, init, own);
  }

  #send(reply: IncomingReply, init: TestRequestInit): void {
    const message = this.#message(reply, init);
    if (!comesLater(init, message)) {
      this.#output(message.head + message.body);
      return;
    }
    const waits = init.expectContinue === true;
    const upload = new PiecewiseUpload((bytes) => this.#output(bytes), message.chunked, waits);
    reply.uploads(upload);
    this.#output(message.head);
    if (init.upload !== true)
      this.#sendPieces(reply, upload, message.pieces ?? [message.body], init);
  }

  #sendPieces(
    reply: IncomingReply,
    upload: PiecewiseUpload,
    pieces: readonly Piece[] | AsyncIterable<Piece>,
    { writer }: TestRequestInit,
  ): void {
    const pacing = {
      clock: this.#context.clock,
      everyMs: writer?.everyMs,
      drained: () => this.#drained(),
      gone: () => this.#leaving,
    };
    if (!(Symbol.asyncIterator in pieces)) return sendList(pieces, upload, pacing);
    sendStream(pieces, upload, pacing).catch((error: unknown) => {
      reply.fail(`the body of the request threw ${String(error)}`);
      this.reset();
    });
  }

  /** Every byte leaves here. What became due while the server was called is done afterwards. */
  #output(bytes: string): boolean {
    const outermost = !this.#writing;
    this.#writing = true;
    try {
      return this.#transport.write(bytes);
    } finally {
      if (outermost) {
        this.#writing = false;
        this.#idle();
      }
    }
  }

  #drained(): Promise<void> {
    if (this.#leaving) return Promise.resolve();
    return new Promise((resolve) => {
      (this.#drains ??= []).push(resolve);
    });
  }

  // ── receiving ──

  #take(bytes: Uint8Array): void {
    const text = latin1(bytes);
    this.#received?.append(text);
    if (!this.#queue.feed(text)) this.#transport.abort();
    else if (!this.#writing) this.#idleSoon();
  }

  #takeEnd(): void {
    this.#ended = true;
    this.#queue.close();
    if (!this.#halfOpen) this.#transport.close();
  }

  #lose(reason: Error | undefined): void {
    this.#closed = true;
    this.#failure = reason;
    this.#sharing?.cancel();
    this.#received?.end();
    this.#leave(reason === undefined ? "the connection was closed" : reason.message);
  }

  #leave(why: string): void {
    this.#leaving = true;
    this.#queue.fail(why);
    this.#tellDrained();
  }

  #tellDrained(): void {
    const waiting = this.#drains ?? [];
    this.#drains = undefined;
    for (const proceed of waiting) proceed();
  }

  /** Not within the server's own write: no client on a real socket would be so quick. */
  #idleSoon(): void {
    if (this.#whenIdle !== undefined && this.#queue.complete) queueMicrotask(() => this.#idle());
  }

  #idle(): void {
    if (this.#whenIdle === undefined || !this.#queue.complete || this.#closed) return;
    this.#queue.checkStray();
    this.#whenIdle(this);
  }
}

/** Whether the body, or some of it, goes out after the head. */
function comesLater(init: TestRequestInit, { pieces }: RequestMessage): boolean {
  return pieces !== undefined || init.upload === true || init.expectContinue === true;
}
