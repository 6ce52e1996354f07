import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket, type TlsOptions } from "node:tls";
import { type Clock, type DelayedCall, keepHouse } from "../defer/clock.ts";
import { SocketTransport } from "./socket.ts";

/** A connection whose handshake goes on. */
interface Waiting {
  readonly socket: Socket;
  /** When it is cut, on the clock. */
  readonly until: number;
  /** Who gets the transport. */
  readonly take: (transport: SocketTransport) => void;
}

/**
 * Connections that negotiate TLS. Each becomes a transport, or is closed: when the handshake fails, or when it takes too long (T10).
 *
 * Node's own server of TLS does the handshakes; it listens on nothing. Its own time limit of 120 s is never reached.
 */
export class Handshakes {
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  /** By where they come from; oldest first. */
  readonly #waiting = new Map<string, Waiting>();
  #deadline: DelayedCall | undefined = undefined;

  /** Throws what `node:tls` throws when key and certificate are no good. */
  constructor(options: TlsOptions, clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#server = createServer({ ...options, ALPNProtocols: ["http/1.1"] })
      .on("secureConnection", (socket) => this.#succeeded(socket))
      .on("tlsClientError", (_error, socket) => socket.destroy());
  }

  add(socket: Socket, take: (transport: SocketTransport) => void): void {
    const key = originOf(socket);
    // Who ends before the handshake is done, is gone.
    socket.allowHalfOpen = false;
    socket.setNoDelay(true);
    // What fails below TLS is told as a failed handshake, or by the transport.
    socket.on("error", () => {});
    socket.once("close", () => {
      if (this.#waiting.get(key)?.socket === socket) this.#waiting.delete(key);
    });
    this.#waiting.set(key, { socket, until: this.#clock.now() + this.#timeoutMs, take });
    this.#deadline ??= keepHouse(this.#clock, this.#timeoutMs, () => this.#cutLate());
    this.#server.emit("connection", socket);
  }

  /** Cuts those that are not done. */
  close(): void {
    this.#deadline?.cancel();
    this.#deadline = undefined;
    for (const { socket } of this.#waiting.values()) socket.destroy();
    this.#waiting.clear();
  }

  #succeeded(secure: TLSSocket): void {
    const key = originOf(secure);
    const waiting = this.#waiting.get(key);
    this.#waiting.delete(key);
    /* c8 ignore next 4 -- the peer was gone before its handshake was told of, and has no address any more */
    if (waiting === undefined) {
      secure.destroy();
      return;
    }
    secure.allowHalfOpen = true;
    waiting.take(new SocketTransport(secure, { lower: waiting.socket }));
  }

  #cutLate(): void {
    this.#deadline = undefined;
    const now = this.#clock.now();
    for (const { socket, until } of this.#waiting.values()) {
      if (until > now) {
        this.#deadline = keepHouse(this.#clock, until - now, () => this.#cutLate());
        return;
      }
      socket.destroy();
    }
  }
}

/** What a socket of TLS and the one below it have in common. */
function originOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
