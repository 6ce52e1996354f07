import { readFileSync } from "node:fs";
import type { Clock } from "../defer/clock.ts";
import type { Address } from "./address.ts";
import { bind } from "./bind.ts";
import { Door } from "./door.ts";
import { parseEndpoint, type TlsFiles } from "./endpoint.ts";
import { EndpointError } from "./endpoint-error.ts";
import { Handshakes } from "./handshakes.ts";
import { codeOf } from "./system-error.ts";
import type { Transport } from "./transport.ts";
import { Troubles } from "./troubles.ts";

export interface ListenOptions {
  /** What deadlines of handshakes run on. */
  readonly clock: Clock;
  /**
   * Told of what goes wrong with accepting, at most once a second: no descriptors left (`code` EMFILE or ENFILE: closing connections
   * helps), or what `accept` threw. Must not throw.
   */
  readonly onTrouble: (trouble: Error) => void;
  /** Descriptors are lacking, or nearly: called each time, for the one who can close some. Must not throw. */
  readonly onShortage?: () => void;
  /** Where a TCP endpoint binds that names no interface. All interfaces, IPv6 and IPv4, as in Twisted and in Node itself. */
  readonly interface?: string | undefined;
  /** A handshake of TLS that takes longer is cut. 10,000 ms (T10); for comparison: Node 120 s. */
  readonly handshakeTimeoutMs?: number;
}

/** What accepts connections until it is closed. */
export interface Listening {
  /** Where it listens, as the system says. */
  readonly address: Address;
  /** Which port that is; 0 for a unix path. */
  readonly port: number;
  /** Whether it speaks TLS. */
  readonly secure: boolean;
  /**
   * Accepts nothing more, gives the port back and removes the path, all within the call. Handshakes are cut; transports go on.
   * A second call does nothing.
   */
  close(): void;
}

const HANDSHAKE_TIMEOUT_MS = 10_000;

/**
 * Accepts connections and hands each to `accept` as a transport that is not started.
 *
 * The endpoint is a port or a text that {@link parseEndpoint} takes. `accept` must start the transport before it returns; when it throws, the
 * connection is aborted. A socket at a unix path that nobody answers is taken for a leftover and replaced.
 *
 * Rejects with {@link EndpointError} when the text is wrong, a file of TLS cannot be used, or the system refuses.
 */
export async function listen(
  endpoint: number | string,
  accept: (transport: Transport) => void,
  options: ListenOptions,
): Promise<Listening> {
  const parsed = parseEndpoint(endpoint);
  const shown = String(endpoint);
  const files = parsed.kind === "tcp" ? parsed.tls : undefined;
  const handshakes = files && handshakesWith(files, shown, options);
  const server = await bind(parsed, shown, options.interface);
  return new Door(
    server,
    handshakes,
    accept,
    new Troubles(options.clock, options.onTrouble, options.onShortage),
  );
}

function handshakesWith(files: TlsFiles, shown: string, options: ListenOptions): Handshakes {
  const { clock, handshakeTimeoutMs = HANDSHAKE_TIMEOUT_MS } = options;
  const key = contentOf(files.privateKey, "privateKey", shown);
  const cert = contentOf(files.cert, "cert", shown);
  const chain = files.chain === undefined ? "" : contentOf(files.chain, "ca", shown);
  try {
    return new Handshakes({ key, cert: `${cert}\n${chain}` }, clock, handshakeTimeoutMs);
  } catch (error) {
    const why = String(error);
    throw new EndpointError(
      `endpoint "${shown}": its key and certificate are no good: ${why}`,
      error,
    );
  }
}

function contentOf(path: string, name: string, shown: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const why = `cannot read ${name} "${path}" (${codeOf(error)})`;
    throw new EndpointError(`endpoint "${shown}": ${why}`, error);
  }
}
