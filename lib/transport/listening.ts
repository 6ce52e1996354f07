import { readFileSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { getSystemErrorName } from "node:util";
import type { Clock } from "../defer/clock.ts";
import { type Address, ipAddress, UNNAMED } from "./address.ts";
import { bind } from "./bind.ts";
import { parseEndpoint, type TlsFiles } from "./endpoint.ts";
import { codeOf, EndpointError } from "./endpoint-error.ts";
import { Handshakes } from "./handshakes.ts";
import { closeHandle, descriptorOf, socketOver, takeHandles } from "./node-internals.ts";
import { openFileLimit, SpareDescriptor } from "./open-files.ts";
import { SocketTransport } from "./socket.ts";
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

/** So few descriptors left count as trouble: libuv does not say when it closes connections for want of one. */
const FEW_DESCRIPTORS = 8;

/** The names of the errors that a descriptor given up helps against. */
const OUT_OF_DESCRIPTORS = ["EMFILE", "ENFILE"];

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
  return new Door(server, handshakes, accept, new Troubles(options.clock, options.onTrouble));
}

class Door implements Listening {
  readonly address: Address;
  readonly #server: Server;
  readonly #handshakes: Handshakes | undefined;
  readonly #accept: (transport: Transport) => void;
  readonly #troubles: Troubles;
  readonly #spare = new SpareDescriptor();
  /** What transports say of this end; TCP knows by itself. */
  readonly #local: Address | undefined;

  constructor(
    server: Server,
    handshakes: Handshakes | undefined,
    accept: (transport: Transport) => void,
    troubles: Troubles,
  ) {
    this.address = addressOf(server);
    this.#server = server;
    this.#handshakes = handshakes;
    this.#accept = accept;
    this.#troubles = troubles;
    this.#local = this.address.family === "unix" ? this.address : undefined;
    server.on("error", (error) => troubles.report(error));
    const takes = takeHandles(server, (status, handle) => this.#onHandle(status, handle));
    if (!takes) server.on("connection", (socket) => this.#onSocket(socket));
  }

  get port(): number {
    return this.address.port;
  }

  get secure(): boolean {
    return this.#handshakes !== undefined;
  }

  close(): void {
    this.#server.close();
    this.#handshakes?.close();
    this.#spare.close();
  }

  #onHandle(status: number, handle: object | undefined): void {
    if (handle === undefined) this.#failed(status);
    else if (this.#spare.isLent) this.#turnAway(handle);
    else this.#onConnection(handle);
  }

  #onConnection(handle: object): void {
    const limit = openFileLimit();
    if ((descriptorOf(handle) ?? 0) >= limit - FEW_DESCRIPTORS) {
      this.#troubles.report(trouble("EMFILE", `nearly all of ${limit} open files are in use`));
    }
    if (this.#handshakes === undefined) this.#take(SocketTransport.fromHandle(handle, this.#local));
    else this.#onSocket(socketOver(handle, { allowHalfOpen: true }));
  }

  #onSocket(socket: Socket): void {
    if (this.#handshakes === undefined)
      this.#take(new SocketTransport(socket, { local: this.#local }));
    else this.#handshakes.add(socket, (transport) => this.#take(transport));
  }

  #take(transport: Transport): void {
    try {
      this.#accept(transport);
    } catch (error) {
      transport.abort();
      this.#troubles.report(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #failed(status: number): void {
    const name = getSystemErrorName(status);
    if (OUT_OF_DESCRIPTORS.includes(name)) this.#spare.giveUp();
    this.#troubles.report(trouble(name, "a connection could not be accepted"));
  }

  /** It stands where the spare descriptor was. */
  #turnAway(handle: object): void {
    closeHandle(handle);
    this.#spare.takeBack();
  }
}

function trouble(code: string, message: string): Error {
  return Object.assign(new Error(`${message} (${code})`), { code });
}

function addressOf(server: Server): Address {
  const address = server.address();
  if (typeof address === "string") return { family: "unix", host: address, port: 0 };
  return address === null ? UNNAMED : ipAddress(address.address, address.port);
}

function handshakesWith(files: TlsFiles, shown: string, options: ListenOptions): Handshakes {
  const { clock, handshakeTimeoutMs = HANDSHAKE_TIMEOUT_MS } = options;
  const key = contentOf(files.privateKey, "privateKey", shown);
  const cert = contentOf(files.cert, "cert", shown);
  const chain = files.chain === undefined ? "" : contentOf(files.chain, "ca", shown);
  try {
    return new Handshakes({ key, cert: `${cert}\n${chain}` }, clock, handshakeTimeoutMs);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
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
    const code = codeOf(error) ?? String(error);
    throw new EndpointError(`endpoint "${shown}": cannot read ${name} "${path}" (${code})`, error);
  }
}
