/* oxlint-disable typescript/unbound-method -- an emitter calls a listener on itself, so that one function serves all sockets */
import type { Socket } from "node:net";
import { getSystemErrorName } from "node:util";
import { type Address, ipAddress, UNNAMED } from "./address.ts";
import { ABORTED } from "./lost-reasons.ts";
import { peerOf, socketOver, TextWriter, takenByKernel } from "./node-internals.ts";
import { systemError } from "./system-error.ts";
import { HIGH_WATER_BYTES, type Protocol, type Transport } from "./transport.ts";

// Taken when loaded: a test that fakes the process's timers must not stop a connection.
const { setImmediate } = globalThis;
const { nextTick } = process;

/** For comparison: one read of Node's own brings at most as much. */
const READ_BYTES = 64 * 1024;

/**
 * What every socket of this process reads into: nothing is allocated for a read.
 *
 * One is enough, since bytes are borrowed: whoever is told of them is done with them when the call returns.
 */
const readBuffer: Uint8Array = Buffer.allocUnsafeSlow(READ_BYTES);

const texts = new TextWriter();

/**
 * Up to here the bytes of a `writeBoth` are copied behind its text, which costs less than a call that takes several pieces.
 *
 * Measured on Node 20: equal at 4 KiB, a quarter cheaper at 1 KiB, a third dearer at 16 KiB.
 */
const COPIED_BYTES = 4 * 1024;

/** T8: a peer that is gone without a word is found out. Node's kernel defaults would take two hours. */
const KEEP_ALIVE_AFTER_MS = 30_000;

const OWNER = Symbol("transport");

/** A socket and the transport that it belongs to; in place of a closure for each event of each socket. */
interface OwnedSocket extends Socket {
  [OWNER]: SocketTransport;
}

interface SocketOptions {
  /** What the socket says itself where nothing is given; a unix socket says nothing. */
  readonly local?: Address | undefined;
  /** The socket below one of TLS. */
  readonly lower?: Socket;
}

/**
 * A transport over a socket of Node's: TCP, TLS or a unix path.
 *
 * - The socket must allow half-open, be connected (TLS: its handshake done), and nobody else may read it.
 * - An end or a reset of the peer is told at once as long as the transport is not paused. While it is paused
 *   nothing is read, and so neither is noticed, unless a write fails.
 * - `close` with bytes of the peer unread resets the connection (RFC 1122 section 4.2.2.13), and what was sent last may be lost:
 *   who wants the peer to have it calls `end` and reads on for a while.
 * - A unix socket cannot be reset: after `abort` its peer sees an end.
 */
export class SocketTransport implements Transport {
  readonly secure: boolean;
  readonly peer: Address;

  readonly #socket: Socket;
  /** The one that the kernel knows. */
  readonly #lower: Socket;
  #local: Address | undefined;
  #protocol: Protocol | undefined = undefined;
  #paused = false;
  /** `drained` follows when nothing is unsent. */
  #drainAsked = false;
  #inputEnded = false;
  #output: "open" | "ended" | "closed" = "open";
  #gone = false;
  #reason: Error | undefined = undefined;
  /** Whether bytes come in the shared buffer, and not by 'data'. */
  #readsShared = false;
  /** Bytes written, ever. */
  #written = 0;
  /** Bytes that wait in the handle, past Node's stream. */
  #inHandle = 0;
  /** Bytes that the kernel took beyond `#written`: handshake and records of TLS. */
  #overhead = 0;

  constructor(socket: Socket, options: SocketOptions = {}) {
    this.secure = options.lower !== undefined;
    this.#local = options.local;
    this.#socket = socket;
    this.#lower = options.lower ?? socket;
    const peer = peerOf(this.#lower);
    this.peer = endOf(peer?.host, peer?.port);
    Object.assign(socket, { [OWNER]: this });
    socket.on("error", SocketTransport.#onError);
    this.#lower.setNoDelay(true);
    this.#lower.setKeepAlive(true, KEEP_ALIVE_AFTER_MS);
    socket.on("end", SocketTransport.#onEnd);
    socket.on("drain", SocketTransport.#onDrain);
    socket.on("close", SocketTransport.#onClose);
  }

  /** A transport over a handle that a listening one of Node's has accepted. It reads without allocating. */
  static fromHandle(handle: object, local: Address | undefined): SocketTransport {
    const socket = socketOver(handle, {
      allowHalfOpen: true,
      manualStart: true,
      writableHighWaterMark: HIGH_WATER_BYTES,
      onread: { buffer: readBuffer, callback: SocketTransport.#onRead },
    });
    const transport = new SocketTransport(socket, { local });
    transport.#readsShared = true;
    return transport;
  }

  get local(): Address {
    this.#local ??= endOf(this.#socket.localAddress, this.#socket.localPort);
    return this.#local;
  }

  get unsent(): number {
    const waiting = this.#waiting;
    if (waiting === 0 || this.#socket.destroyed) return 0;
    const taken = takenByKernel(this.#lower);
    if (taken === undefined) return waiting;
    const left = this.#written + this.#overhead - taken;
    return Math.min(Math.max(left, 1), waiting);
  }

  start(protocol: Protocol): void {
    this.#protocol = protocol;
    if (this.#gone) return protocol.lost(this.#reason);
    if (!this.#readsShared) this.#socket.on("data", SocketTransport.#onData);
    if (this.#paused) return;
    if (this.#readsShared) this.#socket.read(0);
    else this.#socket.resume();
  }

  write(data: string | Uint8Array): boolean {
    if (this.#output !== "open") return false;
    if (this.secure) this.#measure();
    this.#written += data.length;
    if (typeof data !== "string") this.#socket.write(data);
    else if (this.secure || this.#waiting > 0 || !this.#writeAtOnce(data)) {
      this.#socket.write(data, "latin1");
    }
    return this.#flows();
  }

  writeBoth(before: string, bytes: Uint8Array, after: string): boolean {
    if (bytes.length <= COPIED_BYTES) return this.write(before + latin1(bytes) + after);
    if (this.#output !== "open") return false;
    if (this.secure) this.#measure();
    this.#written += before.length + bytes.length + after.length;
    const socket = this.#socket;
    socket.cork();
    if (before !== "") socket.write(before, "latin1");
    socket.write(bytes);
    if (after !== "") socket.write(after, "latin1");
    socket.uncork();
    return this.#flows();
  }

  askDrained(): void {
    if (this.#drainAsked || this.#output === "closed") return;
    this.#drainAsked = true;
    if (this.unsent === 0) nextTick(SocketTransport.#onTurn, this);
    else this.#awaitFlush();
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#protocol !== undefined) this.#socket.resume();
  }

  afterReads(call: () => void): void {
    // The first may come before anything is read: when this was asked for while something else was read.
    setImmediate(setImmediate, call);
  }

  end(): void {
    if (this.#output !== "open") return;
    this.#output = "ended";
    if (this.#drainAsked) this.#awaitFlush();
    this.#holdFin();
    this.#socket.end();
  }

  close(): void {
    if (this.#output === "closed") return;
    this.#output = "closed";
    // Where both are done there is no need of a FIN of its own: the close of the descriptor sends it.
    if (this.#inputEnded && this.#waiting === 0) this.#socket.destroy();
    else {
      this.#holdFin();
      this.#socket.destroySoon();
    }
  }

  abort(): void {
    if (this.#gone || this.#socket.destroyed) return;
    this.#output = "closed";
    this.#reason ??= ABORTED;
    if (this.peer.family === "unix" || this.#isSendingFin) this.#socket.destroy();
    else this.#lower.resetAndDestroy();
  }

  /** A socket of Node's that is reset while its FIN is on the way fails with EINVAL, and its descriptor is never closed. */
  get #isSendingFin(): boolean {
    return this.#socket.writableEnded && !this.#socket.writableFinished && this.#waiting === 0;
  }

  /** Keeps Node's stream from asking for the FIN while bytes wait that it does not know of: they could not be dropped any more. */
  #holdFin(): void {
    if (this.#inHandle > 0) this.#socket.write("", "latin1");
  }

  /** False where Node has us take its stream. */
  #writeAtOnce(text: string): boolean {
    const status = texts.write(this.#socket, text, SocketTransport.#onWritten);
    if (status === undefined) return false;
    if (status < 0) this.#failLater(status);
    else this.#inHandle = status;
    return true;
  }

  /** Bytes that Node has not given to the kernel, or has not heard that it took. */
  get #waiting(): number {
    return this.#socket.writableLength + this.#inHandle;
  }

  #flows(): boolean {
    if (this.#output === "closed") return false;
    // The first figure is cheap, the second one right: TLS says late that the kernel has taken bytes.
    if (this.#waiting < HIGH_WATER_BYTES || this.unsent < HIGH_WATER_BYTES) {
      return true;
    }
    this.#drainAsked = true;
    return false;
  }

  /** Node's own 'drain' comes only where it was its `write` that said so, and not after an end. What waits in the handle is told of anyway. */
  #awaitFlush(): void {
    if (this.#output === "ended") this.#socket.once("finish", SocketTransport.#onDrain);
    else if (this.#inHandle === 0) {
      this.#socket.write("", "latin1", (error) => {
        if (!error) this.#flushed();
      });
    }
  }

  #measure(): void {
    if (this.#socket.writableLength > 0) return;
    this.#overhead = (takenByKernel(this.#lower) ?? 0) - this.#written;
  }

  static readonly #onRead = function (
    this: OwnedSocket,
    length: number,
    buffer: Uint8Array,
  ): boolean {
    // Less than half the cost of a subarray of Node's.
    this[OWNER].#received(new Uint8Array(buffer.buffer, buffer.byteOffset, length));
    return true;
  };

  static readonly #onData = function (this: OwnedSocket, bytes: Uint8Array): void {
    this[OWNER].#received(bytes);
  };

  static readonly #onEnd = function (this: OwnedSocket): void {
    this[OWNER].#ended();
  };

  static readonly #onDrain = function (this: OwnedSocket): void {
    this[OWNER].#flushed();
  };

  static readonly #onWritten = function (socket: Socket, status: number): void {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every socket that is written to has an owner
    const transport = (socket as OwnedSocket)[OWNER];
    transport.#inHandle = 0;
    if (status < 0) transport.#failLater(status);
    else transport.#flushed();
  };

  static readonly #onTurn = function (transport: SocketTransport): void {
    transport.#flushed();
  };

  static readonly #onError = function (this: OwnedSocket, error: Error): void {
    this[OWNER].#failed(error);
  };

  static readonly #onClose = function (this: OwnedSocket): void {
    this[OWNER].#lost();
  };

  #received(bytes: Uint8Array): void {
    if (this.#output !== "closed") this.#protocol?.received(bytes);
  }

  #ended(): void {
    this.#inputEnded = true;
    if (this.#output !== "closed") this.#protocol?.ended();
  }

  #flushed(): void {
    if (!this.#drainAsked || this.#output === "closed") return;
    if (this.unsent > 0) return this.#awaitFlush();
    this.#drainAsked = false;
    this.#protocol?.drained();
  }

  /** The error and the close are told in a later turn, as with any of Node's. */
  #failLater(status: number): void {
    this.#output = "closed";
    this.#socket.destroy(systemError(getSystemErrorName(status), "write"));
  }

  /** After an error TLS stays open by itself. */
  #failed(error: Error): void {
    this.#reason ??= error;
    this.#output = "closed";
    this.#socket.destroy();
  }

  #lost(): void {
    this.#gone = true;
    this.#output = "closed";
    this.#protocol?.lost(this.#reason);
  }
}

/** Bytes as the text that is sent as these bytes. */
function latin1(bytes: Uint8Array): string {
  const buffer =
    bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString("latin1");
}

/** A unix socket has neither host nor port. */
function endOf(host: string | undefined, port: number | undefined): Address {
  return host === undefined || port === undefined ? UNNAMED : ipAddress(host, port);
}
