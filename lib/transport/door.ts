import type { Server, Socket } from "node:net";
import { getSystemErrorName } from "node:util";
import { creationObserver } from "../defer/creation.ts";
import { type Address, ipAddress, UNNAMED } from "./address.ts";
import type { Handshakes } from "./handshakes.ts";
import { closeHandle, descriptorOf, socketOver, takeHandles } from "./node-internals.ts";
import { SpareDescriptor } from "./open-files.ts";
import { SocketTransport } from "./socket.ts";
import { systemError } from "./system-error.ts";
import type { Transport } from "./transport.ts";
import type { Troubles } from "./troubles.ts";

/** The names of the errors that a descriptor given up helps against. */
const OUT_OF_DESCRIPTORS = ["EMFILE", "ENFILE"];

/** Where connections come in: each becomes a transport, through a handshake of TLS where there is to be one. */
export class Door {
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
    creationObserver?.(server);
    this.address = addressOf(server);
    this.#server = server;
    this.#handshakes = handshakes;
    this.#accept = accept;
    this.#troubles = troubles;
    this.#local = this.address.family === "unix" ? this.address : undefined;
    server.on("error", (error) => troubles.report(error));
    const takes = takeHandles(server, (status, handle) => this.onHandle(status, handle));
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

  /** What Node's handle tells: a negative number of an error, or a connection. */
  onHandle(status: number, handle: object | undefined): void {
    if (handle === undefined) this.#failed(status);
    else if (this.#spare.isLent) this.#turnAway(handle);
    else this.#onConnection(handle);
  }

  #onConnection(handle: object): void {
    this.#troubles.watch(descriptorOf(handle));
    if (this.#handshakes === undefined) this.#take(SocketTransport.fromHandle(handle, this.#local));
    else this.#onSocket(socketOver(handle, { allowHalfOpen: true }));
  }

  #onSocket(socket: Socket): void {
    const take = (transport: Transport): void => this.#take(transport);
    if (this.#handshakes !== undefined) this.#handshakes.add(socket, take);
    else take(new SocketTransport(socket, { local: this.#local }));
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
    this.#troubles.report(systemError(name, "a connection could not be accepted"));
  }

  /** It stands where the spare descriptor was. */
  #turnAway(handle: object): void {
    closeHandle(handle);
    this.#spare.takeBack();
  }
}

function addressOf(server: Server): Address {
  const address = server.address();
  if (typeof address === "string") return { family: "unix", host: address, port: 0 };
  return address === null ? UNNAMED : ipAddress(address.address, address.port);
}
