import type { Clock } from "../defer/clock.ts";
import type { Address } from "../transport/address.ts";
import { type MemoryPairOptions, memoryPair } from "../transport/memory.ts";
import type { Transport } from "../transport/transport.ts";
import { Resource } from "../web/resource.ts";
import { Site } from "../web/site.ts";
import { CookieJar } from "./cookie-jar.ts";
import { FakeClock } from "./fake-clock.ts";
import type { TestHeaders } from "./request-message.ts";
import {
  type ClientContext,
  type ClientEnd,
  TestConnection,
  type TestRequestInit,
} from "./test-connection.ts";
import type { TestReply } from "./test-reply.ts";

/** How a connection looks to the server, and how the client reads from it. */
export interface TestConnectOptions {
  /** Where the client comes from: an IP address, or all of its end. 127.0.0.1. */
  readonly client?: string | Address;
  /** Whether the site takes it for encrypted (`request.isSecure`). Nothing is. */
  readonly secure?: boolean;
  /** Reads at this rate, on the clock, as a slow client does. */
  readonly reader?: { readonly bytesPerSecond: number };
  /** Reads nothing before `read` or `resume`. */
  readonly paused?: boolean;
  /** Whether the connection stays open when the server has ended its side. False: it is closed, as most clients do. */
  readonly allowHalfOpen?: boolean;
}

/** A request, and where it differs from what the client does otherwise, the connection that it is made on. */
export interface TestClientInit extends TestRequestInit, TestConnectOptions {}

/** How a {@link TestClient} is made. */
export interface TestClientOptions extends TestConnectOptions {
  /** The clock of the site that is made for a resource. A new `FakeClock`. */
  readonly clock?: Clock;
  /** Fields that every request sends. */
  readonly headers?: TestHeaders;
  /** Makes the connections: for an exploration that looks at what goes over them. */
  readonly carrier?: (options: MemoryPairOptions | undefined) => ConnectedEnds;
  /** Whether requests use a connection again that has nothing to do. False: each has its own, closed when the reply has come. */
  readonly keepAlive?: boolean;
}

/** Both ends of a connection. */
export interface ConnectedEnds {
  readonly client: ClientEnd;
  readonly server: Transport;
}

const CLIENT_PORT = 49_152;

/**
 * A client of a site in memory: the real protocol on both sides, no sockets, no real time.
 *
 * A request returns its {@link TestReply} at once, with all that a synchronous server answered. It follows no redirect, undoes no
 * Content-Encoding, and keeps cookies as a browser does; see {@link cookies}. A request with `secure`, `client`, `reader`, `paused` or
 * `allowHalfOpen` has a connection of its own, which is closed when the reply has come.
 */
export class TestClient {
  readonly site: Site;
  /** What the site has set and each request sends back, unless it says `cookies: false`. */
  readonly cookies: CookieJar;
  readonly #options: TestClientOptions;
  readonly #context: ClientContext;
  readonly #kept: TestConnection[] = [];
  readonly #whenIdle: (connection: TestConnection) => void;
  readonly #close = (connection: TestConnection): void => connection.close();

  /** A resource is served by a site made for it, with a `FakeClock` unless `options.clock` is given. */
  constructor(siteOrRoot: Site | Resource, options: TestClientOptions = {}) {
    this.#options = options;
    this.site = siteOrRoot instanceof Resource ? siteFor(siteOrRoot, options) : siteOrRoot;
    const { clock } = this.site;
    this.cookies = new CookieJar(() => clock.now());
    this.#context = { clock, jar: this.cookies, headers: options.headers };
    this.#whenIdle = options.keepAlive === true ? (one) => this.#keep(one) : this.#close;
  }

  /** The clock of the site. A TypeError where that is no `FakeClock`. */
  get clock(): FakeClock {
    const { clock } = this.site;
    if (clock instanceof FakeClock) return clock;
    throw new TypeError("the site runs on a clock that is not a FakeClock: make it with one");
  }

  get(path: string, init?: TestClientInit): TestReply {
    return this.request("GET", path, init);
  }

  head(path: string, init?: TestClientInit): TestReply {
    return this.request("HEAD", path, init);
  }

  post(path: string, init?: TestClientInit): TestReply {
    return this.request("POST", path, init);
  }

  put(path: string, init?: TestClientInit): TestReply {
    return this.request("PUT", path, init);
  }

  patch(path: string, init?: TestClientInit): TestReply {
    return this.request("PATCH", path, init);
  }

  delete(path: string, init?: TestClientInit): TestReply {
    return this.request("DELETE", path, init);
  }

  options(path: string, init?: TestClientInit): TestReply {
    return this.request("OPTIONS", path, init);
  }

  /** Makes a request. A TypeError where it could not be written down; malformed ones are for {@link connect}. */
  request(method: string, path: string, init?: TestClientInit): TestReply {
    return this.#connection(init).request(method, path, init);
  }

  /** A connection for raw bytes, and for several requests. It stays open until it is closed, or the server ends it. */
  connect(options: TestConnectOptions = {}): TestConnection {
    return this.#open({ ...this.#options, ...options });
  }

  /** Closes the connections that are kept for further requests. */
  close(): void {
    for (const connection of this.#kept.splice(0)) connection.close();
  }

  #connection(init: TestClientInit | undefined): TestConnection {
    const options = this.#options;
    if (init !== undefined && isOwn(init)) {
      return this.#open({ ...options, ...init }, this.#close);
    }
    for (let kept = this.#kept.pop(); kept !== undefined; kept = this.#kept.pop()) {
      if (kept.idle) return kept;
    }
    return this.#open(options, this.#whenIdle);
  }

  #open(
    options: TestConnectOptions,
    whenIdle?: (connection: TestConnection) => void,
  ): TestConnection {
    const ends = (this.#options.carrier ?? memoryPair)(pairOptions(options));
    const { reader, paused, allowHalfOpen } = options;
    const connection = new TestConnection(ends.client, this.#context, { whenIdle, allowHalfOpen });
    if (reader !== undefined) connection.readSlowly(reader.bytesPerSecond);
    if (paused === true) connection.read(0);
    this.site.serve(ends.server);
    return connection;
  }

  #keep(connection: TestConnection): void {
    if (!this.#kept.includes(connection)) this.#kept.push(connection);
  }
}

function siteFor(root: Resource, { clock }: TestClientOptions): Site {
  return new Site(root, { clock: clock ?? new FakeClock() });
}

/** Whether a request cannot share a connection. */
function isOwn({ client, secure, reader, paused, allowHalfOpen }: TestConnectOptions): boolean {
  return (
    client !== undefined ||
    secure !== undefined ||
    reader !== undefined ||
    paused !== undefined ||
    allowHalfOpen !== undefined
  );
}

function pairOptions({
  client,
  secure = false,
}: TestConnectOptions): MemoryPairOptions | undefined {
  if (client === undefined) return secure ? { secure } : undefined;
  return { secure, client: typeof client === "string" ? addressOf(client) : client };
}

function addressOf(host: string): Address {
  return { family: host.includes(":") ? "IPv6" : "IPv4", host, port: CLIENT_PORT };
}
