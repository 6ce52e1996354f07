import { DisconnectedError, type DisconnectReason } from "../channel/disconnected-error.ts";
import type { Exchange, ExchangeListener, ResponseHead } from "../channel/exchange.ts";
import type { Clock } from "../defer/clock.ts";
import { Headers } from "../http/headers.ts";
import type { RequestHead } from "../http/request-head.ts";
import { RequestParser } from "../http/request-parser.ts";
import type { Address } from "../transport/address.ts";
import { Request } from "../web/request.ts";
import { Resource } from "../web/resource.ts";
import { Site } from "../web/site.ts";
import { FakeClock } from "./fake-clock.ts";
import { ReceivedBody } from "./received-body.ts";
import { latin1, type Piece, requestMessage, type TestHeaders, target } from "./request-message.ts";
import type { Informational } from "./test-reply.ts";

/** A request that no client has sent. */
export interface RecordedRequestInit {
  /** "GET" unless given. */
  readonly method?: string;
  readonly headers?: TestHeaders;
  /** The whole body; without it, and with `upload`, it comes by {@link RecordedRequest.receive}. */
  readonly body?: string | Uint8Array | URLSearchParams;
  /** A body of JSON. */
  readonly json?: unknown;
  /** The body comes piece by piece. */
  readonly upload?: boolean;
  /** A new `FakeClock`. */
  readonly clock?: Clock;
  /** Whether it came over TLS; false. */
  readonly secure?: boolean;
  /** Whether the client is slow: `write` returns false, and `drained()` waits for {@link RecordedRequest.catchUp}. */
  readonly slow?: boolean;
}

const LOCAL: Address = Object.freeze({ family: "IPv4", host: "127.0.0.1", port: 80 });
const CLIENT: Address = Object.freeze({ family: "IPv4", host: "127.0.0.1", port: 49_152 });

/** What was sent in answer to a {@link RecordedRequest}, as far as it has been. */
export interface SentResponse {
  /** Undefined until the head is out. */
  readonly status: number | undefined;
  /** Those of the resource: the carrier adds Date and what frames the message. Empty until the head is out. */
  readonly headers: Headers;
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly informational: readonly Informational[];
  /** Whether it was sent to its end. */
  readonly finished: boolean;
  /** Whether it was broken off. */
  readonly aborted: boolean;
}

/**
 * A request for the test of a single method: `page.render_GET(new RecordedRequest("/x"))`.
 *
 * It is the real `Request` over an exchange that records, so it cannot drift from it. Nobody looks at what the method returns: that is the
 * test's to do. For a resource as a client sees it there is `TestClient`, which is as quick.
 */
export class RecordedRequest extends Request {
  readonly #exchange: RecordingExchange;

  constructor(path = "/", init: RecordedRequestInit = {}) {
    const exchange = new RecordingExchange(path, init);
    super(exchange, new Site(new Resource(), { clock: init.clock ?? new FakeClock() }), 0);
    this.#exchange = exchange;
  }

  /** The clock, as a `FakeClock`. A TypeError where another was given. */
  get fakeClock(): FakeClock {
    if (this.clock instanceof FakeClock) return this.clock;
    throw new TypeError("the request runs on a clock that is not a FakeClock");
  }

  /** What was sent so far. */
  get sent(): SentResponse {
    return this.#exchange;
  }

  /** The client leaves. Without effect after the end. */
  disconnect(reason: DisconnectReason = "closed"): void {
    this.#exchange.leave(reason);
  }

  /** A piece of the body arrives, of a request with `upload: true`. */
  receive(piece: Piece): void {
    this.#exchange.receive(Buffer.from(latin1(piece), "latin1"));
  }

  /** The body ends. */
  receiveEnd(): void {
    this.#exchange.receive(null);
  }

  /** The slow client has taken everything, and is slow no longer. */
  catchUp(): void {
    this.#exchange.catchUp();
  }
}

/** An exchange without a client: it records the response, and hands out what it was given as the body. */
class RecordingExchange implements Exchange, SentResponse {
  readonly head: RequestHead;
  readonly client: Address = CLIENT;
  readonly local: Address = LOCAL;
  readonly secure: boolean;
  readonly informational: Informational[] = [];
  status: number | undefined = undefined;
  headers: Headers = new Headers();
  finished = false;
  aborted = false;
  readonly #input: (Uint8Array | null)[];
  readonly #output = new ReceivedBody();
  #hungry = false;
  #slow: boolean;
  #over = false;
  #listener: ExchangeListener | undefined = undefined;

  constructor(
    path: string,
    { method = "GET", secure = false, slow = false, ...init }: RecordedRequestInit,
  ) {
    const message = requestMessage(method, target(path), init, []);
    this.head = headOf(message.head);
    this.secure = secure;
    this.#slow = slow;
    const body = Buffer.from(message.body, "latin1");
    this.#input = init.upload === true ? [] : [...(body.length > 0 ? [body] : []), null];
  }

  get bytesSent(): number {
    return this.#output.size;
  }

  get unsent(): number {
    return this.#slow ? this.#output.size : 0;
  }

  get begun(): boolean {
    return this.status !== undefined;
  }

  get text(): string {
    return this.#output.text;
  }

  get bytes(): Uint8Array {
    return this.#output.bytes;
  }

  get listener(): ExchangeListener {
    /* c8 ignore next -- a Request attaches itself when it is made */
    if (this.#listener === undefined) throw new Error("nobody was attached to the exchange");
    return this.#listener;
  }

  attach(listener: ExchangeListener): void {
    this.#listener = listener;
  }

  take(): Uint8Array | null | undefined {
    const [piece] = this.#input;
    if (piece !== null) this.#input.shift();
    this.#hungry = piece === undefined;
    return piece;
  }

  respond(head: ResponseHead, body: Piece): void {
    this.start(head, body);
    this.finish();
  }

  start(head: ResponseHead, first: Piece): boolean {
    this.status = head.status;
    this.headers = new Headers(head.headers);
    return this.write(first);
  }

  write(data: Piece): boolean {
    this.#output.append(latin1(data));
    return !this.#slow;
  }

  finish(): void {
    this.finished = true;
    this.#output.end();
    if (!this.#slow) this.#handOver();
  }

  inform(status: number, headers: Headers): void {
    this.informational.push({ status, headers });
  }

  abort(): void {
    this.aborted = true;
    this.leave("aborted");
  }

  leave(reason: DisconnectReason): void {
    if (this.#over) return;
    this.#over = true;
    this.#output.end();
    this.listener.lost(new DisconnectedError(reason));
  }

  receive(piece: Uint8Array | null): void {
    this.#input.push(piece);
    if (!this.#hungry) return;
    this.#hungry = false;
    this.listener.bodyReady();
  }

  catchUp(): void {
    this.#slow = false;
    this.listener.caughtUp();
    if (this.finished) this.#handOver();
  }

  #handOver(): void {
    if (this.#over) return;
    this.#over = true;
    this.listener.handedOver();
  }
}

/** The head as the real parser understands it. */
function headOf(text: string): RequestHead {
  const parser = new RequestParser();
  parser.feed(Buffer.from(text, "latin1"));
  const head = parser.next();
  if (typeof head === "object" && "target" in head) return head;
  /* c8 ignore next -- the text is a whole head, and the parser throws where it is not a good one */
  throw new TypeError(`${JSON.stringify(text)} is not the head of a request`);
}
