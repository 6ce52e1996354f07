import { type MemoryPairOptions, type MemoryTransport, memoryPair } from "../transport/memory.ts";
import type { Protocol } from "../transport/transport.ts";
import type { ConnectedEnds } from "./test-client.ts";
import type { ClientEnd } from "./test-connection.ts";

/** What hears of the bytes on a connection, and decides when they get on. */
export interface Traffic {
  /** The client is about to send a part of what it has to send: `send` does it. */
  sending(words: string, send: () => void): void;
  /** Bytes of the server have come: `take` lets the client have them. */
  receiving(bytes: number, take: () => void): void;
}

/** A place where what is sent can be cut. */
interface Cut {
  /** After so many bytes. */
  readonly at: number;
  readonly words: string;
}

/** The client's end of a connection whose bytes go to and fro under the eyes of an exploration, in parts. */
export class ExploredEnd implements ClientEnd {
  readonly secure: boolean;
  readonly #traffic: Traffic;
  #end: MemoryTransport | undefined;

  private constructor(end: MemoryTransport, traffic: Traffic) {
    this.secure = end.secure;
    this.#end = end;
    this.#traffic = traffic;
  }

  /** A connection in memory, the client's end of which is looked at. */
  static connect(
    traffic: Traffic,
    options: MemoryPairOptions | undefined,
  ): ConnectedEnds & { readonly client: ExploredEnd } {
    const { client, server } = memoryPair(options);
    return { client: new ExploredEnd(client, traffic), server };
  }

  start(protocol: Protocol): void {
    this.#end?.start({
      received: (bytes) => {
        this.#traffic.receiving(bytes.length, () => {
          protocol.received(bytes);
        });
      },
      ended: () => {
        protocol.ended();
      },
      drained: () => {
        protocol.drained();
      },
      lost: (reason) => {
        protocol.lost(reason);
      },
    });
  }

  /** Sends it part by part. */
  write(data: string): boolean {
    let taken = true;
    let from = 0;
    for (const { at, words } of cuts(data)) {
      const part = data.slice(from, at);
      from = at;
      this.#traffic.sending(words, () => {
        taken = this.#end?.write(part) ?? false;
      });
    }
    return taken;
  }

  end(): void {
    this.#end?.end();
  }

  close(): void {
    this.#end?.close();
  }

  abort(): void {
    this.#end?.abort();
  }

  pause(): void {
    this.#end?.pause();
  }

  resume(): void {
    this.#end?.resume();
  }

  allow(bytes: number): void {
    this.#end?.allow(bytes);
  }

  /** Lets go of the connection, so that a reply which somebody keeps does not keep the server's side alive. */
  release(): void {
    this.#end = undefined;
  }
}

/**
 * Where the state of the server changes, or could be thought to: in and at the ends of the request line, of the head and of the body.
 *
 * Data that does not begin with a head is the body, or a part of it.
 */
function cuts(data: string): readonly Cut[] {
  const end = headEnd(data);
  const named = [
    ...(end === 0 ? [] : cutsOfHead(data, end)),
    ...(end === data.length ? [] : cutsOfBody(data, end)),
  ];
  const last = new Map(named.map(({ at, words }) => [at, words]));
  return [...last].map(([at, words]) => ({
    at,
    words: `the client has sent ${words} (byte ${at} of ${data.length})`,
  }));
}

/** Where the head ends that `data` begins with; 0 where it does not. */
function headEnd(data: string): number {
  if (!/^\S+ \S+ HTTP\/1\.[01]\r\n/.test(data)) return 0;
  return data.indexOf("\r\n\r\n") + 4;
}

function cutsOfHead(data: string, end: number): readonly Cut[] {
  return [
    { at: 1, words: "its first byte" },
    { at: data.indexOf("\r\n") + 2, words: "the request line" },
    { at: end - 1, words: "the head but for its last byte" },
    { at: end, words: "the head" },
  ];
}

function cutsOfBody(data: string, from: number): readonly Cut[] {
  return [
    { at: from + 1, words: "a byte of the body" },
    { at: Math.ceil((from + data.length) / 2), words: "half of this part of the body" },
    {
      at: Math.max(from + 1, data.length - 1),
      words: "this part of the body but for its last byte",
    },
    { at: data.length, words: "this part of the body" },
  ];
}
