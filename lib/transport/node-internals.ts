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

/**
 * The host and port of the peer of a TCP connection; undefined for a unix socket. Node's socket would keep what it is asked for once more.
 *
 * One that was reset before it was looked at has no name any more, though what it sent can still be read. It is told as 0.0.0.0, which nobody trusts:
 * without a name it would pass for a unix socket.
 */
export function peerOf(
  socket: Socket,
): { readonly host: string; readonly port: number } | undefined {
  const handle = handleOf(socket) ?? {};
  const getPeerName = inside(handle, "getpeername");
  if (typeof getPeerName !== "function") return undefined;
  const name: { readonly address?: unknown; readonly port?: unknown } = {};
  Reflect.apply(getPeerName, handle, [name]);
  const { address, port } = name;
  const isKnown = typeof address === "string" && typeof port === "number";
  return isKnown ? { host: address, port } : { host: "0.0.0.0", port: 0 };
}

/** How many bytes the kernel took from a socket, ever. Undefined where Node has no such figures, and once the socket is closed. */
export function takenByKernel(socket: Socket): number | undefined {
  const handle = handleOf(socket);
  const written = handle?.bytesWritten;
  const queued = handle?.writeQueueSize;
  return typeof written === "number" && typeof queued === "number" ? written - queued : undefined;
}

/** Told that what {@link TextWriter.write} left waiting is out: 0, or an error of the system as a negative number. */
export type WriteListener = (socket: Socket, status: number) => void;

/** What Node hands to a handle with each write; its `oncomplete` is called where the kernel did not take all at once. */
interface WriteRequest {
  oncomplete?: (this: WriteRequest, status: number) => void;
  socket?: Socket;
  listener?: WriteListener;
}

/**
 * Writes text to the handles of sockets, past their streams, whose bookkeeping a single write has no use for: a hello takes 0.97 of the CPU time.
 *
 * The class of what Node hands to a handle has no door. It is seen at a write of Node's own, so that the first text goes the long way.
 */
export class TextWriter {
  /** Null where it does not look as expected. */
  #requestClass: (new () => WriteRequest) | null | undefined = undefined;
  /** One that is used again and again, as long as the kernel takes all at once, which is nearly always. */
  #spare: WriteRequest | undefined = undefined;

  /**
   * Writes text, one byte a character, to a TCP or unix socket whose own stream holds nothing back.
   *
   * Gives how many bytes wait, and `listener` is told when they are out; a number below 0 is an error of the system. Undefined where Node does not
   * let us: nothing is written, and the socket's own `write` has to do.
   */
  write(socket: Socket, text: string, listener: WriteListener): number | undefined {
    const handle = handleOf(socket);
    if (handle?.writeLatin1String === undefined) return undefined;
    if (!this.#requestClass) {
      if (this.#requestClass === undefined) this.#learnClass(handle);
      return undefined;
    }
    const request = (this.#spare ??= new this.#requestClass());
    const status = handle.writeLatin1String(request, text);
    const waiting = handle.writeQueueSize ?? 0;
    if (status < 0 || waiting === 0) return status;
    this.#spare = undefined;
    request.socket = socket;
    request.listener = listener;
    request.oncomplete = tellWritten;
    return waiting;
  }

  /** Looks at what Node hands over with the next write. */
  #learnClass(handle: Handle): void {
    const write = handle.writeLatin1String;
    if (write === undefined || typeof handle.writeQueueSize !== "number") return;
    handle.writeLatin1String = (request, text) => {
      delete handle.writeLatin1String;
      const isKnown = typeof inside(request, "oncomplete") === "function";
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what made one makes others
      this.#requestClass = isKnown ? (request.constructor as new () => WriteRequest) : null;
      return write.call(handle, request, text);
    };
  }
}

function tellWritten(this: WriteRequest, status: number): void {
  if (this.socket !== undefined) this.listener?.(this.socket, status);
}

/** What Node keeps of a connection below its socket. */
interface Handle {
  readonly bytesWritten?: number;
  readonly writeQueueSize?: number;
  writeLatin1String?: (this: Handle, request: WriteRequest, text: string) => number;
}

function handleOf(socket: Socket): Handle | null | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion, no-underscore-dangle -- what it looks like is asked at each use
  return (socket as unknown as { readonly _handle?: Handle | null })._handle;
}

/** A property that the types do not tell of. */
function inside(holder: unknown, name: string): unknown {
  return isObject(holder) ? Reflect.get(holder, name) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
