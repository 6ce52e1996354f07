import type { Address } from "./address.ts";

/** So many bytes may wait to be sent before `write` says that the peer is slow. For comparison: Node 16 KiB, nginx 64 KiB. */
export const HIGH_WATER_BYTES: number = 64 * 1024;

/** What a transport tells of. Twisted's `IProtocol`. */
export interface Protocol {
  /** Bytes came. They are borrowed: after the call the transport writes over them, so what is kept is copied. */
  received(bytes: Uint8Array): void;
  /** The peer sends nothing more (a FIN). Writing is still possible. At most once. */
  ended(): void;
  /** After a `write` that returned false: everything written has been taken. */
  drained(): void;
  /**
   * The connection is gone. Exactly once, and the last call.
   *
   * `reason` is undefined when it was closed by agreement: both sides ended, or `close` got everything out.
   * Otherwise it says what happened (a reset, a time-out of TCP, one's own `abort`).
   */
  lost(reason: Error | undefined): void;
}

/**
 * Where bytes come from and go: a socket, TLS, a unix path, or a pair in memory. One contract for all of them.
 *
 * Nothing is delivered before {@link start}. Once the connection is lost every method is without effect and `write` returns false.
 */
export interface Transport {
  readonly local: Address;
  readonly peer: Address;
  /** Whether the bytes are encrypted on the way. */
  readonly secure: boolean;
  /** Bytes accepted by `write` that the kernel (in memory: the peer) has not taken. It only shrinks while the peer reads. */
  readonly unsent: number;
  /** Begins to deliver. Called once. */
  start(protocol: Protocol): void;
  /**
   * Sends bytes in order. False when the peer is slow: 64 KiB or more wait. They are accepted all the same; `drained` follows.
   *
   * A string is sent as latin1, one byte a character. The transport may keep a `Uint8Array` until it is sent: it must not change.
   */
  write(data: string | Uint8Array): boolean;
  /** Sends all three, one behind the other, in one system call where that is possible. As `write` otherwise. */
  writeBoth(before: string, bytes: Uint8Array, after: string): boolean;
  /** Asks for `drained` as soon as nothing is unsent, also where `write` did not return false. */
  askDrained(): void;
  /** Stops `received` (and with it, on a socket, the notice of an end). What was read already may still come in the same turn. */
  pause(): void;
  resume(): void;
  /** Calls back when everything was told that had come by now: on a socket at the end of this turn of the event loop, in memory at once. */
  afterReads(call: () => void): void;
  /** Sends a FIN after all that was written. Input still comes until the peer ends too. */
  end(): void;
  /** Gets everything written out, then closes both ways. `lost` follows, within the call or later. */
  close(): void;
  /** Drops what is unsent and resets the connection. `lost` follows, within the call or later. */
  abort(): void;
}
