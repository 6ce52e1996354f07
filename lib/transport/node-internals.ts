// Everything that Node does not document and that is used all the same is here. Where Node looks otherwise, callers do without.
import { type OnReadOpts, type Server, Socket, type SocketConstructorOpts } from "node:net";

/** What Node's server is told by its handle: an error of the system as a negative number, or else a connection. */
export type HandleListener = (status: number, handle: object | undefined) => void;

/**
 * Has `listener` told of the connections that a listening server accepts, in place of the server, which would make sockets of them.
 *
 * False where Node does not look as expected. Then nothing has changed, and the server emits 'connection'.
 */
export function takeHandles(server: Server, listener: HandleListener): boolean {
  const handle = inside(server, "_handle");
  if (!isObject(handle) || typeof inside(handle, "onconnection") !== "function") return false;
  return Reflect.set(handle, "onconnection", listener);
}

/** What Node's sockets take beside what their types say. */
export interface SocketOverOptions {
  readonly allowHalfOpen: boolean;
  /** Nothing is read before the first `read`. */
  readonly manualStart?: boolean;
  readonly writableHighWaterMark?: number;
  readonly onread?: OnReadOpts;
}

/** A socket over a handle that {@link takeHandles} gave. */
export function socketOver(handle: object, options: SocketOverOptions): Socket {
  return new Socket({ handle, ...options } as SocketConstructorOpts);
}

/** Closes a connection that nobody has made a socket of. */
export function closeHandle(handle: object): void {
  const close = inside(handle, "close");
  if (typeof close === "function") Reflect.apply(close, handle, []);
}

/** The number of a handle's file descriptor. Undefined where it has none. */
export function descriptorOf(handle: object): number | undefined {
  const fd = inside(handle, "fd");
  return typeof fd === "number" ? fd : undefined;
}

/** How many bytes the kernel took from a socket, ever. Undefined where Node has no such figures, and once the socket is closed. */
export function takenByKernel(socket: Socket): number | undefined {
  const handle = inside(socket, "_handle");
  const written = inside(handle, "bytesWritten");
  const queued = inside(handle, "writeQueueSize");
  return typeof written === "number" && typeof queued === "number" ? written - queued : undefined;
}

/** A property that the types do not tell of. */
function inside(holder: unknown, name: string): unknown {
  return isObject(holder) ? Reflect.get(holder, name) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
