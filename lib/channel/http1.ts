// oxlint-disable max-lines -- one state machine; its input, its output and its paces are files of their own
import { END } from "../http/body-reader.ts";
import { ConnectionState } from "../http/connection-state.ts";
import { ProtocolError } from "../http/protocol-error.ts";
import type { RequestHead } from "../http/request-head.ts";
import { CLOSES, CONTINUE, encodeHead } from "../http/response.ts";
import type { Address } from "../transport/address.ts";
import type { Protocol, Transport } from "../transport/transport.ts";
import type { Connection, Connections } from "./connections.ts";
import { type DisconnectReason, disconnectedError } from "./disconnected-error.ts";
import type { ChannelHost } from "./host.ts";
import { type Http1Connection, Http1Exchange } from "./http1-exchange.ts";
import { Input } from "./input.ts";
import { Output } from "./output.ts";
import { BodyPace, past } from "./pace.ts";

/**
 * Where a connection stands.
 *
 * - `waiting`: for a head, or the rest of one
 * - `answering`: a request is in progress; input behind it waits unparsed
 * - `sending`: its response is complete, but the kernel has not taken all of it
 * - `draining`: the response is out, the rest of the request's body is read and dropped
 * - `lingering`: we sent our FIN; what still comes is dropped, so that the last answer is not lost to a reset
 * - `closed`
 */
type Phase = "waiting" | "answering" | "sending" | "draining" | "lingering" | "closed";

/**
 * HTTP/1.1 over one connection (RFC 9112): one request in progress at a time, answered in order.
 *
 * The life of a request:
 * 1. `transport/socket` delivers borrowed bytes to {@link received}, which feeds them to `http/request-parser`.
 * 2. {@link #begin} takes the head from the parser and makes an {@link Http1Exchange} of it.
 * 3. `web/site` is handed the exchange, finds the resource (`web/dispatch`) and has it rendered.
 * 4. The body stays in the parser until the resource asks the exchange for it; nobody asks: it is drained, or the connection closes.
 * 5. The answer comes back through the exchange, is framed by `http/response`, and gathers here while input is being taken;
 *    it leaves in one write at the end of {@link #run}, or at once when it comes later.
 * 6. When the kernel has all of it, `handedOver` is told, and the next request that waits in the parser begins.
 *
 * Input is read on, up to a bound, while a request is in progress: a socket that does not read never hears that its peer left.
 */
export class Http1Channel implements Protocol, Connection, Http1Connection {
  readonly client: Address;
  readonly #transport: Transport;
  readonly #host: ChannelHost;
  readonly #connections: Connections;
  readonly state: ConnectionState = new ConnectionState();
  readonly #input: Input;
  readonly #output: Output;
  #reading: BodyPace | undefined;
  #phase: Phase = "waiting";
  #exchange: Http1Exchange | undefined;
  #running = false;
  #peerEnded = false;
  #retiring = false;
  #answered = 0;
  /** When the phase began, in ms on the clock; in `waiting`, when the head's first byte came, but for the first head of the connection. */
  #since: number;
  /** The clock as it was read last, once for all that happens in one call from the transport. */
  #now = 0;
  #dropped = 0;

  constructor(transport: Transport, host: ChannelHost, connections: Connections) {
    this.client = transport.peer;
    this.#transport = transport;
    this.#host = host;
    this.#connections = connections;
    this.#input = new Input(transport, host.limits);
    this.#output = new Output(transport);
    this.#since = host.clock.now();
  }

  /** Begins to serve. */
  open(): void {
    this.#connections.add(this);
    this.#transport.start(this);
  }

  /** Answers 503 and closes: there is no room for this connection. */
  turnAway(): void {
    this.#connections.addTurnedAway(this);
    this.#transport.start(this);
    this.#refuse(new ProtocolError("local", NO_ROOM, 503));
  }

  get busy(): boolean {
    return this.#phase === "answering" || this.#phase === "sending";
  }

  get idleSince(): number | undefined {
    return this.#phase === "waiting" && this.#input.waiting === 0 ? this.#since : undefined;
  }

  get fresh(): boolean {
    return this.#answered === 0;
  }

  get local(): Address {
    return this.#transport.local;
  }

  get unsent(): number {
    return this.#output.waiting;
  }

  get secure(): boolean {
    return this.#transport.secure;
  }

  get host(): ChannelHost {
    return this.#host;
  }

  // ── from the transport ──

  received(bytes: Uint8Array): void {
    if (this.#phase === "lingering") return this.#drop(bytes.length);
    if (this.#phase === "closed") return;
    this.#now = this.#host.clock.now();
    if (this.#phase === "waiting" && this.#answered > 0 && this.#input.waiting === 0) {
      this.#since = this.#now;
    }
    this.#input.feed(bytes);
    this.#run();
    this.#input.settle();
  }

  /** A FIN counts as leaving, but what was received whole may still be answered within this turn. */
  ended(): void {
    this.#peerEnded = true;
    if (this.#phase === "lingering") return this.#transport.close();
    if (this.#phase !== "closed") this.#connections.atTurnEnd(this);
  }

  drained(): void {
    this.#now = this.#host.clock.now();
    this.#output.slow = false;
    if (this.#phase === "sending") this.#settle();
    else if (this.#phase === "answering") this.#exchange?.listener.caughtUp();
    this.#run();
  }

  lost(reason: Error | undefined): void {
    this.#leave(reason === undefined ? "closed" : "reset");
  }

  // ── from the set of connections ──

  turnEnded(): void {
    // What was not answered by now will not be.
    this.#retiring = true;
    if (this.#phase === "answering") this.#lose("closed");
    else if (this.#phase === "waiting" || this.#phase === "draining") this.#linger();
  }

  drain(): void {
    this.#retiring = true;
    if (this.idleSince !== undefined) this.#linger();
  }

  cut(): void {
    if (this.idleSince === undefined || this.#output.unsent > 0) return this.#lose("shutdown");
    this.#leave("shutdown");
    this.#transport.close();
  }

  sweep(now: number): void {
    const { limits, timeouts } = this.#host;
    if (this.#output.stalled(now, timeouts)) return this.#lose("timeout");
    switch (this.#phase) {
      case "waiting":
        // Requests wait for a client that does not take its answers: that is for the pace of the output.
        if (!this.#output.slow) this.#sweepHead(now);
        return;
      case "answering":
        return this.#sweepExchange(now);
      case "draining":
        if (past(now - this.#since, timeouts.bodyIdleTimeout)) this.#linger();
        return;
      case "lingering":
        if (this.#output.unsent > 0) this.#since = now;
        else if (past(now - this.#since, limits.lingerMs)) this.#lose("timeout");
        return;
      case "sending":
      case "closed":
        return;
      default:
        this.#phase satisfies never;
    }
  }

  // ── from the exchange ──

  persists(exchange: Http1Exchange): boolean {
    if (!exchange.head.persistent || this.#retiring) return false;
    // Behind a FIN there is only what has come already.
    if (this.#peerEnded && this.#input.waiting === 0) return false;
    if (exchange.bodyDone) return true;
    // A client that still waits for its 100 may send the body or not: nobody can tell (RFC 9110 section 10.1.1).
    return exchange.continued && exchange.head.bodyLength <= this.#host.limits.drainBytes;
  }

  send(text: string): boolean {
    return this.#output.send(text);
  }

  sendBytes(before: string, bytes: Uint8Array, after: string): boolean {
    return this.#output.sendBytes(before, bytes, after);
  }

  take(exchange: Http1Exchange): Uint8Array | null | undefined {
    if (exchange !== this.#exchange) return undefined;
    if (!exchange.continued) this.#continue(exchange);
    const piece = this.#next();
    this.#input.relax();
    if (piece instanceof Uint8Array) {
      exchange.bytesTaken += piece.length;
      this.#reading?.came(this.#host.clock.now());
      return piece;
    }
    if (piece === END) {
      this.state.take("end");
      exchange.bodyDone = true;
      this.#reading = undefined;
      return null;
    }
    this.#await(exchange);
    return undefined;
  }

  responded(exchange: Http1Exchange): void {
    if (exchange !== this.#exchange) return;
    this.#phase = "sending";
    if (this.#output.unsent === 0) this.#settle();
    else this.#transport.askDrained();
  }

  broken(exchange: Http1Exchange): void {
    if (exchange === this.#exchange) this.#lose("aborted");
  }

  // ── what happens in between ──

  /** Goes on with what has come until more is needed; what is answered on the way leaves in one write. */
  #run(): void {
    if (this.#running) return;
    this.#running = true;
    this.#output.gathering = true;
    while (this.#step());
    this.#running = false;
    this.#output.gathering = false;
    this.#output.flush();
  }

  /** Whether there may be another step. */
  #step(): boolean {
    switch (this.#phase) {
      case "waiting":
        return !this.#output.slow && this.#begin();
      case "answering":
        return this.#offerBody();
      case "draining":
        return this.#drainBody();
      case "sending":
      case "lingering":
      case "closed":
        return false;
      default:
        return this.#phase satisfies never;
    }
  }

  #begin(): boolean {
    const head = this.#next();
    if (head === undefined || head === END || head instanceof Uint8Array) return false;
    if (this.#connections.overloaded) return this.#turnAwayRequest(head);
    const exchange = new Http1Exchange(head, this);
    // A head without a body has its end right behind it; nothing waits for it.
    this.state.take("request");
    if (exchange.bodyDone) {
      this.#next();
      this.state.take("end");
    }
    exchange.since = this.#answered === 0 ? this.#host.clock.now() : this.#since;
    this.#exchange = exchange;
    this.#answered += 1;
    this.#phase = "answering";
    this.#host.handle(exchange);
    return true;
  }

  /** Too much is going on already. */
  #turnAwayRequest(head: RequestHead): false {
    this.#connections.reportOverload();
    this.#refuse(new ProtocolError("local", "too much to do", 503), "protocol", head);
    return false;
  }

  #offerBody(): boolean {
    const exchange = this.#exchange;
    if (exchange === undefined || !exchange.hungry || this.#input.waiting === 0) return false;
    exchange.hungry = false;
    exchange.listener.bodyReady();
    return this.#phase !== "answering" || this.#exchange !== exchange;
  }

  #drainBody(): boolean {
    for (;;) {
      const piece = this.#next();
      if (piece === END) {
        this.state.take("end");
        this.#rest();
        return true;
      }
      if (!(piece instanceof Uint8Array)) return false;
      this.#dropped += piece.length;
      if (this.#dropped > this.#host.limits.drainBytes) {
        this.#linger();
        return false;
      }
    }
  }

  /** What the parser has next; what it refuses is answered. */
  #next(): ReturnType<Input["next"]> {
    try {
      return this.#input.next();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#refuse(error);
      return undefined;
    }
  }

  #continue(exchange: Http1Exchange): void {
    exchange.continued = true;
    if (!exchange.begun && exchange.head.version === "HTTP/1.1") {
      this.#output.send(CONTINUE);
      this.#output.flush();
    }
  }

  /** The handler waits for body that has not come. */
  #await(exchange: Http1Exchange): void {
    if (this.#exchange !== exchange) return;
    exchange.hungry = true;
    const now = this.#host.clock.now();
    this.#reading ??= new BodyPace(this.#host.timeouts, exchange.since);
    this.#reading.wanted(now);
  }

  /** The kernel has the whole response. */
  #settle(): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    this.#exchange = undefined;
    this.#reading = undefined;
    this.#phase = "draining";
    this.#dropped = 0;
    if (!this.#running) this.#now = this.#host.clock.now();
    this.#since = this.#now;
    const persists = !exchange.isLast && this.persists(exchange);
    exchange.listener.handedOver();
    if (!persists) this.#linger();
    else if (exchange.bodyDone) this.#rest();
    if (!this.#running) this.#run();
  }

  /** Between two requests. */
  #rest(): void {
    if (this.#retiring) return this.#linger();
    this.state.take("again");
    this.#phase = "waiting";
    this.#input.relax();
  }

  #drop(bytes: number): void {
    this.#dropped += bytes;
    if (this.#dropped > this.#host.limits.lingerBytes) this.#lose("timeout");
  }

  // ── ends ──

  /** Answers what is not a request, or will not be one, and closes. */
  #refuse(
    error: ProtocolError,
    reason: DisconnectReason = "protocol",
    head: RequestHead | undefined = this.#exchange?.head,
  ): void {
    const exchange = this.#exchange;
    if (this.#phase === "draining") return this.#linger();
    if (exchange?.begun === true) return this.#lose(reason);
    const { status, message } = error;
    const { headers, body } = this.#host.refuse({ status, message, client: this.client, exchange });
    const response = { status, reason: "", headers };
    const text = encodeHead(response, body.length, CLOSES, this.#host.dateAndServer());
    const isHead = head?.method === "HEAD";
    this.#output.send(isHead ? text : text + body);
    if (exchange !== undefined && !isHead) exchange.bytesSent = body.length;
    this.#exchange = undefined;
    this.#linger();
    exchange?.listener.lost(disconnectedError(reason));
  }

  /** Says that nothing more comes from here, and waits for the peer to say the same. */
  #linger(): void {
    if (this.#phase === "lingering" || this.#phase === "closed") return;
    this.#phase = "lingering";
    this.#since = this.#host.clock.now();
    this.#dropped = this.#input.waiting;
    this.#output.flush();
    this.#input.resume();
    if (this.#peerEnded) this.#transport.close();
    else this.#transport.end();
  }

  /** Cuts the connection off. */
  #lose(reason: DisconnectReason): void {
    if (this.#phase === "closed") return;
    this.#leave(reason);
    this.#transport.abort();
  }

  /** Tells whoever waits that the connection is gone. */
  #leave(reason: DisconnectReason): void {
    if (this.#phase === "closed") return;
    const exchange = this.#exchange;
    this.#phase = "closed";
    this.state.take("close");
    this.#exchange = undefined;
    this.#connections.delete(this);
    exchange?.listener.lost(disconnectedError(reason));
  }

  // ── deadlines ──

  #sweepHead(now: number): void {
    const { timeouts } = this.#host;
    const begun = this.#input.waiting > 0;
    const idle = !begun && this.#answered > 0;
    if (!past(now - this.#since, idle ? timeouts.keepAliveTimeout : timeouts.headersTimeout))
      return;
    if (begun) return this.#refuse(new ProtocolError("remote", "the head took too long", 408));
    // A request that crosses our FIN is still answered: what has come comes first.
    this.#retiring = true;
    this.#transport.afterReads(() => {
      if (this.idleSince !== undefined) this.#linger();
    });
  }

  #sweepExchange(now: number): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    const { handlerTimeout, handlerWarning } = this.#host.timeouts;
    if (this.#reading?.tooSlow(now, exchange.bytesTaken) === true) {
      return this.#refuse(new ProtocolError("remote", "the body came too slowly", 408), "timeout");
    }
    if (past(now - exchange.since, handlerTimeout)) {
      return this.#refuse(new ProtocolError("local", "the handler took too long", 503), "timeout");
    }
    if (!exchange.warned && past(now - exchange.since, handlerWarning)) {
      exchange.warned = true;
      this.#host.report("warn", "a request has been waiting for its answer for long", exchange);
    }
    this.#probe(exchange);
  }

  /** Body that nobody reads is no ground to close; a heap of further requests is. */
  #probe(exchange: Http1Exchange): void {
    if (this.#input.probe() || !exchange.bodyDone) return;
    this.#host.report("debug", "closed: too many requests wait on the connection", exchange);
    this.#lose("protocol");
  }
}

const NO_ROOM = "no room for another connection";

/** Serves HTTP/1.1 on a connection that came in; one for which there is no room is told so, unless too many are being told: then it is reset. */
export function serveHttp1(
  transport: Transport,
  host: ChannelHost,
  connections: Connections,
): Connection | undefined {
  const admitted = connections.admits(transport.peer);
  if (!admitted && connections.tooManyTurnedAway) {
    transport.abort();
    return undefined;
  }
  const channel = new Http1Channel(transport, host, connections);
  if (admitted) channel.open();
  else channel.turnAway();
  return channel;
}
