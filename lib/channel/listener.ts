import type { Clock } from "../defer/clock.ts";
import type { Address } from "../transport/address.ts";
import { type Listening, listen } from "../transport/listening.ts";
import type { Transport } from "../transport/transport.ts";
import type { CloseReport, Connection, Connections } from "./connections.ts";

/** How a listener, or a site, is closed. */
export interface CloseOptions {
  /** How long requests in progress may go on, in ms: 30,000 unless given; Infinity waits for all of them, 0 for none. */
  readonly graceMs?: number;
}

/** For comparison: Kestrel 30 s, HAProxy and nginx without a bound. */
export const DEFAULT_GRACE_MS = 30_000;

/** What a listener hands connections to. */
export interface Server {
  readonly connections: Connections;
  /** Takes a connection; undefined where it was refused. */
  serve(transport: Transport): Connection | undefined;
}

/** A place where a site is reached. Twisted's `IListeningPort`. */
export interface Listener {
  readonly address: Address;
  /** The port really bound, also after `tcp:0`; 0 for a unix socket. */
  readonly port: number;
  /** For a browser: `http://127.0.0.1:8080/`; `unix:/run/x.sock` for a unix socket. */
  readonly url: string;
  /** Stops listening, lets requests in progress that came this way finish within the grace, and cuts off the rest. A second call gives the first one's report. */
  close(options?: CloseOptions): Promise<CloseReport>;
}

/**
 * Listens at `endpoint`. Rejects with what stands in the way: a bad endpoint, a port in use, no permission.
 *
 * What goes wrong with accepting goes to `warn`; idle connections are closed where descriptors run out.
 */
export async function openListener(
  endpoint: number | string,
  server: Server,
  clock: Clock,
  warn: (trouble: Error) => void,
): Promise<Listener> {
  const { connections } = server;
  const mine = new Set<Connection>();
  const listening = await listen(
    endpoint,
    (transport) => {
      const connection = server.serve(transport);
      if (connection === undefined) return;
      mine.add(connection);
      if (mine.size > 2 * connections.size) forget(mine, connections);
    },
    {
      clock,
      onTrouble: warn,
      /* c8 ignore next 3 -- descriptors run out in a process of its own: spec/process */
      onShortage: () => {
        connections.closeIdle();
      },
    },
  );
  let closing: Promise<CloseReport> | undefined;
  return {
    address: listening.address,
    port: listening.port,
    url: urlOf(listening),
    close({ graceMs = DEFAULT_GRACE_MS } = {}) {
      closing ??= close(listening, mine, connections, graceMs);
      return closing;
    },
  };
}

function close(
  listening: Listening,
  mine: Set<Connection>,
  connections: Connections,
  graceMs: number,
): Promise<CloseReport> {
  listening.close();
  forget(mine, connections);
  return connections.drain([...mine], graceMs);
}

/** Connections that are over need not be remembered. */
function forget(mine: Set<Connection>, connections: Connections): void {
  for (const connection of mine) if (!connections.has(connection)) mine.delete(connection);
}

function urlOf({ address, secure }: Listening): string {
  if (address.family === "unix") return `unix:${address.host}`;
  const unspecified = address.host === "::" || address.host === "0.0.0.0";
  const host = unspecified ? "localhost" : address.host;
  const name = host.includes(":") ? `[${host}]` : host;
  return `${secure ? "https" : "http"}://${name}:${address.port}/`;
}
