import type { Resource } from "../web/resource.ts";
import { Site, type SiteOptions } from "../web/site.ts";
import { Mounts } from "./mounts.ts";

type Listener = Awaited<ReturnType<Site["listen"]>>;
type CloseOptions = Parameters<Listener["close"]>[0];
type CloseReport = Awaited<ReturnType<Listener["close"]>>;

/**
 * A site that listens on a port, with server objects mounted at paths. netsvc's `HttpDaemon`.
 *
 * It does nothing before {@link start}. {@link site} is all there is to it: a test gives that to `TestClient`.
 */
export class HttpDaemon {
  /** What answers. */
  readonly site: Site;
  readonly #mounts = new Mounts();
  readonly #port: number;
  readonly #host: string | undefined;
  #listening: Promise<Listener> | undefined;
  #bound: number | undefined;

  /** Port 0 is any that is free. Without a host it listens on all addresses. `options` are those of the site. */
  constructor(port: number, host?: string, options: SiteOptions = {}) {
    this.#port = port;
    this.#host = host;
    const accept = options.accept ?? (() => true);
    this.site = new Site(this.#mounts, {
      ...options,
      accept: (address) => {
        const peer = address.family === "unix" ? "" : address.host;
        return accept(address) && this.authorise(peer);
      },
    });
  }

  /**
   * Mounts `server` at `path`: decoded, beginning with a slash, and with none at the end but for the root. The same one may be mounted in many places,
   * in one another too: the deepest by whole segments answers, so that `/logs` does not answer for `/logsx`. What was there is replaced.
   *
   * Deviation: a path that could never match throws a TypeError, and `detach` removes, not an attaching of nothing.
   */
  attach(path: string, server: Resource): this {
    this.#mounts.put(path, server);
    return this;
  }

  /** Whether there was anything. */
  detach(path: string): boolean {
    return this.#mounts.remove(path);
  }

  /**
   * Whether to talk to this address (text; empty for a unix socket) at all, asked before a byte is read. False resets the connection without an answer; so does a throw, which is logged.
   *
   * Everybody is talked to unless it is overridden.
   */
  authorise(_address: string): boolean {
    return true;
  }

  /** Begins to listen, and resolves when it does. Rejects with what stands in the way. Without effect while it listens. */
  async start(): Promise<void> {
    const where = this.#host === undefined ? "" : `:interface=${this.#host.replaceAll(":", "\\:")}`;
    this.#listening ??= this.site.listen(`tcp:${this.#port}${where}`);
    try {
      this.#bound = (await this.#listening).port;
    } catch (error) {
      this.#listening = undefined;
      throw error;
    }
  }

  /** Stops listening; requests in progress may finish within `graceMs` (30,000), then they are cut off. In netsvc they are not waited for. It may be started again. */
  async stop(options?: CloseOptions): Promise<CloseReport> {
    const listening = this.#listening;
    if (listening === undefined) return { finished: 0, cut: 0 };
    this.#listening = undefined;
    this.#bound = undefined;
    const listener = await listening;
    return listener.close(options);
  }

  /** The port really bound; before {@link start} the one that was asked for. */
  port(): number {
    return this.#bound ?? this.#port;
  }
}
