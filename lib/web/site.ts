import type { Address, Transport } from "../channel/address.ts";
import { type CloseReport, type Connection, Connections } from "../channel/connections.ts";
import type { Exchange } from "../channel/exchange.ts";
import type { ChannelHost, Refusal } from "../channel/host.ts";
import { serveHttp1 } from "../channel/http1.ts";
import {
  type CloseOptions,
  DEFAULT_GRACE_MS,
  type Listener,
  openListener,
} from "../channel/listener.ts";
import { DEFAULT_TIMEOUTS, type Timeouts } from "../channel/timeouts.ts";
import { type Clock, systemClock } from "../defer/clock.ts";
import { formatHttpDate, wallClock } from "../fields/date.ts";
import { originOf, TrustedProxies } from "../fields/forwarded.ts";
import { Headers } from "../http/headers.ts";
import type { AccessRecord, Outcome } from "./access-log.ts";
import { type CrossOriginOptions, CrossOriginPolicy } from "./cross-origin.ts";
import { dispatch, type ErrorPages, explain } from "./dispatch.ts";
import type { End } from "./ending.ts";
import { type ErrorPage, renderErrorPage } from "./error-page.ts";
import { DEFAULT_LIMITS, type Limits, resolved } from "./limits.ts";
import { type Logger, standardLog, sturdyLog } from "./log.ts";
import { Request } from "./request.ts";
import type { Resource } from "./resource.ts";
import { type SessionOptions, Sessions } from "./session.ts";
import type { Origin, SiteContext } from "./site-context.ts";

/** How a {@link Site} is made. All of it can be left out. */
export interface SiteOptions {
  /** Where all time comes from; the clock of the process. A test gives a `FakeClock`. */
  readonly clock?: Clock;
  /** What to allow; what is absent stays as in {@link DEFAULT_LIMITS}. */
  readonly limits?: Partial<Limits>;
  /** How long to wait, in ms; what is absent stays as in {@link DEFAULT_TIMEOUTS}. */
  readonly timeouts?: Partial<Timeouts>;
  /** Told of each request when it is over, whichever way. Nobody unless given. What it throws is logged. */
  readonly accessLog?: (record: AccessRecord) => void;
  /** Where errors and warnings go; to standard error. */
  readonly log?: Logger;
  /** Whether the page of a 500 shows what was thrown. False; refused where NODE_ENV is production. */
  readonly displayTracebacks?: boolean;
  /** Addresses and CIDR blocks of proxies whose Forwarded and X-Forwarded-* are believed, `unix` for those that come by a unix socket. None. */
  readonly trustedProxies?: readonly string[];
  /** The Server field; none unless given. */
  readonly serverHeader?: string;
  /** How sessions are kept. */
  readonly session?: SessionOptions;
  /**
   * From where forms and requests with a session may come that change something: the site's own pages, those of `trustedOrigins`, and what is no browser.
   * Others are answered 403. `false` lets all come; `CrossOriginProtection` sets another rule for a part of the tree.
   */
  readonly crossOrigin?: CrossOriginOptions | false;
  /** Makes the pages of errors, as HTML; all of them look the same unless it is given. */
  readonly errorPage?: (page: ErrorPage) => string;
  /** Whether to talk to this address at all, asked before a byte is read. A throw is a no. */
  readonly accept?: (address: Address) => boolean;
  /** The time on the wall, in ms since 1970, for Date fields and logs. */
  readonly wallClock?: () => number;
}

/**
 * A tree of resources, served. Twisted's `Site`.
 *
 * It listens where it is told to ({@link listen}), or takes connections from elsewhere ({@link serve}). Making one has no side effect.
 */
export class Site implements SiteContext<Request> {
  readonly root: Resource;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly timeouts: Timeouts;
  readonly log: Logger;
  readonly sessions: Sessions;
  readonly crossOrigin: CrossOriginPolicy | undefined;
  readonly #options: SiteOptions;
  readonly #connections: Connections;
  readonly #host: ChannelHost;
  readonly #pages: ErrorPages;
  readonly #trusted: TrustedProxies;
  readonly #accessLog: ((record: AccessRecord) => void) | undefined;
  /** The time on the wall, in ms since 1970. */
  readonly wallClock: () => number;
  readonly #server: string;
  readonly #listeners = new Set<Listener>();
  #second = 0;
  #dateAndServer = "";
  #ids = 0;

  /** Throws a TypeError for a bad option. */
  constructor(root: Resource, options: SiteOptions = {}) {
    this.root = root;
    this.#options = options;
    this.clock = options.clock ?? systemClock;
    this.limits = resolved(DEFAULT_LIMITS, options.limits);
    this.timeouts = resolved(DEFAULT_TIMEOUTS, options.timeouts);
    this.log = options.log === undefined ? standardLog : sturdyLog(options.log);
    this.#accessLog = options.accessLog;
    this.wallClock = options.wallClock ?? wallClock;
    this.#trusted = new TrustedProxies(options.trustedProxies ?? []);
    this.#server = serverLine(options.serverHeader);
    this.#connections = new Connections(this.clock, this, (trouble) => {
      this.log.warn({}, trouble.message);
    });
    this.sessions = new Sessions(options.session ?? {}, this.clock, (error) => {
      this.log.error({ err: error }, "a listener of the end of a session failed");
    });
    const { crossOrigin } = options;
    this.crossOrigin = crossOrigin === false ? undefined : new CrossOriginPolicy(crossOrigin);
    this.#host = this.#makeHost();
    this.#pages = this.#makePages();
    if (options.displayTracebacks === true && process.env["NODE_ENV"] === "production") {
      throw new TypeError("displayTracebacks is not for production");
    }
  }

  /**
   * Listens at `endpoint`: `8080`, `"tcp:8080:interface=127.0.0.1"`, `"unix:/run/x.sock"`, `"tls:8443:privateKey=…:cert=…"`, `"fd:3"`.
   *
   * Rejects with one line that says what is wrong: a bad endpoint, a port in use, no permission.
   */
  async listen(endpoint: number | string): Promise<Listener> {
    const server = {
      connections: this.#connections,
      serve: (transport: Transport) => this.serve(transport),
    };
    const listener = await openListener(endpoint, server, this.clock, (trouble) => {
      this.log.warn({ err: trouble }, "a connection could not be accepted");
    });
    if (this.#options.displayTracebacks === true && !isLoopback(listener.address)) {
      await listener.close({ graceMs: 0 });
      throw new TypeError(
        `displayTracebacks is not for others to see: ${listener.url} is open to them`,
      );
    }
    this.#listeners.add(listener);
    return listener;
  }

  /** Takes a connection from a listener, or from a test; undefined where `accept` refused it. */
  serve(transport: Transport): Connection | undefined {
    if (this.#accepts(transport.peer)) {
      return serveHttp1(transport, this.#host, this.#connections);
    }
    transport.abort();
    return undefined;
  }

  /** Stops listening everywhere, closes idle connections, lets requests in progress finish within `graceMs` (30,000), and cuts off the rest. */
  async close({ graceMs = DEFAULT_GRACE_MS }: CloseOptions = {}): Promise<CloseReport> {
    // Begun before those of the listeners, so that at the end of the grace it is the one that counts.
    const draining = this.#connections.drain(this.#connections.list(), graceMs);
    const closing = [...this.#listeners].map((listener) => listener.close({ graceMs }));
    this.#listeners.clear();
    await Promise.all(closing);
    return draining;
  }

  /** Answers one exchange, of whichever carrier. */
  handle(exchange: Exchange): void {
    const begunMs = this.#accessLog === undefined ? 0 : this.clock.now();
    dispatch(this.root, new Request(exchange, this, begunMs), this.#pages);
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#connections.size;
  }

  nextId(): string {
    this.#ids += 1;
    return this.#ids.toString(36).padStart(6, "0");
  }

  originOf(exchange: Exchange): Origin {
    const { client, secure, head } = exchange;
    const peer = { address: client.family === "unix" ? "" : client.host, secure, host: undefined };
    const origin = originOf(peer, head.headers, this.#trusted);
    const authority = origin.host ?? head.authority;
    if (origin === peer) return { client, secure, authority };
    const family = origin.address.includes(":") ? "IPv6" : "IPv4";
    return {
      client: origin.address === client.host ? client : { family, host: origin.address, port: 0 },
      secure: origin.secure,
      authority,
    };
  }

  failed(request: Request, error: unknown): void {
    explain(request, error, this.#pages);
  }

  over(request: Request, end: End): void {
    if (this.#accessLog === undefined) return;
    const { method, uri, version, client, user, headers } = request;
    const answered = request.phase !== "lost" || request.bytesSent > 0;
    this.#record({
      id: request.id,
      time: this.wallClock(),
      client: client.host,
      user,
      method,
      uri,
      version,
      status: answered ? request.code : 499,
      bytes: request.bytesSent,
      durationMs: this.clock.now() - request.begunMs,
      outcome: outcomeOf(request, end),
      referer: headers.get("referer") ?? "",
      userAgent: headers.get("user-agent") ?? "",
    });
  }

  #record(record: AccessRecord): void {
    try {
      this.#accessLog?.(record);
    } catch (error) {
      this.log.error({ err: error }, "the access log failed");
    }
  }

  #accepts(address: Address): boolean {
    try {
      const { accept } = this.#options;
      return accept === undefined || accept(address);
    } catch (error) {
      this.log.error({ err: error }, "accept failed, which is a no");
      return false;
    }
  }

  #makeHost(): ChannelHost {
    return {
      clock: this.clock,
      limits: this.limits,
      timeouts: this.timeouts,
      dateAndServer: () => this.#fields(),
      handle: (exchange) => {
        this.handle(exchange);
      },
      refuse: (refusal) => this.#refuse(refusal),
      report: (level, message, exchange) => {
        const request = exchange?.listener;
        if (!(request instanceof Request)) return this.log[level]({}, message);
        const { id, method, path } = request;
        this.log[level]({ id, method, path }, message);
      },
    };
  }

  /** Made anew each second of the wall clock, wherever that jumps to. */
  #fields(): string {
    const now = this.wallClock();
    const second = Math.floor(now / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#dateAndServer = `Date: ${formatHttpDate(now)}\r\n${this.#server}`;
    }
    return this.#dateAndServer;
  }

  #refuse({ status, message, client, exchange }: Refusal): { headers: Headers; body: string } {
    const request = exchange?.listener;
    const page = this.#page({ status, message: "", error: undefined });
    const headers = new Headers({ "Content-Type": "text/html; charset=utf-8" });
    if (status === 503) headers.set("Retry-After", "1");
    // The carrier counts characters as bytes.
    const body = Buffer.from(page).toString("latin1");
    // A request that had begun has its record when it is lost, which comes next.
    if (request instanceof Request) request.setResponseCode(status);
    // Who is turned away at the door has asked for nothing, and there may be many.
    else if (status !== 503) this.#recordRefusal(status, client.host, body.length);
    if (status !== 503) this.log.debug({ status, client: client.host }, `refused: ${message}`);
    return { headers, body };
  }

  #recordRefusal(status: number, client: string, bytes: number): void {
    if (this.#accessLog === undefined) return;
    this.#record({
      id: "",
      time: this.wallClock(),
      client,
      user: "",
      method: "",
      uri: "",
      version: "",
      status,
      bytes,
      durationMs: 0,
      outcome: "finished",
      referer: "",
      userAgent: "",
    });
  }

  #makePages(): ErrorPages {
    return {
      page: (request, status, message, error) => {
        request.setHeader("Content-Type", "text/html; charset=utf-8");
        const shown = this.#options.displayTracebacks === true ? error : undefined;
        return this.#page({ status, message, error: shown });
      },
      log: (request, error, message) => {
        request.hasFailed = true;
        const { id, method, path } = request;
        this.log.error({ id, method, path, err: error }, message);
      },
    };
  }

  #page(page: ErrorPage): string {
    try {
      const { errorPage } = this.#options;
      if (errorPage === undefined) return renderErrorPage(page);
      const text: unknown = errorPage(page);
      if (typeof text === "string") return text;
      throw new TypeError("errorPage gave something that is not a text");
    } catch (error) {
      this.log.error({ err: error }, "an error in the page of an error");
      return renderErrorPage(page);
    }
  }
}

/** Whether only this machine reaches it. */
function isLoopback({ family, host }: Address): boolean {
  return family === "unix" || host === "::1" || host.startsWith("127.");
}

function outcomeOf(request: Request, end: End): Outcome {
  if (request.hasFailed || end?.reason === "aborted") return "error";
  return end === undefined ? "finished" : "aborted";
}

function serverLine(server: string | undefined): string {
  if (server === undefined) return "";
  return `Server: ${new Headers({ Server: server }).get("server") ?? ""}\r\n`;
}
