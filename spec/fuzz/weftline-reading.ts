import type { Exchange } from "../../lib/channel/exchange.ts";
import { Headers } from "../../lib/http/headers.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { memoryPair } from "../../lib/transport/memory.ts";
import { Resource } from "../../lib/web/resource.ts";
import { Site } from "../../lib/web/site.ts";
import { fieldsAsText, type MutableReading, type MutableRequest, type Reading } from "./reading.ts";

/** Where messages stand in the bytes of a connection. */
export interface Places {
  /** The first byte of each message, also of one that was refused or did not end. */
  readonly starts: readonly number[];
  /** Behind the byte at which the last one was refused, or the last one of all. */
  readonly end: number;
  readonly reading: Reading;
}

const OK = { status: 200, reason: "", headers: new Headers() };

const nothing = (): void => undefined;

/** How Weftline reads what comes on a connection: the whole channel, over a pair in memory. */
export class WeftlineReader {
  #reading: MutableReading = { requests: [], end: "open", reason: "" };
  readonly #site: Site;

  constructor() {
    const take = (exchange: Exchange): void => this.#take(exchange);
    class ReadingSite extends Site {
      override handle(exchange: Exchange): void {
        take(exchange);
      }
    }
    this.#site = new ReadingSite(new Resource(), {
      clock: new FakeClock(),
      log: {
        debug: (_about, message) => {
          this.#reading.reason = message.replace("refused: ", "");
        },
        info: nothing,
        warn: nothing,
        error: nothing,
      },
      accessLog: ({ status }) => {
        this.#reading.end = status;
      },
    });
  }

  /** Reads these pieces as they come on a new connection. */
  read(pieces: readonly Uint8Array[]): Reading {
    const reading: MutableReading = { requests: [], end: "open", reason: "" };
    this.#reading = reading;
    const { client, server } = memoryPair();
    client.start({ received: nothing, ended: endOf(reading), drained: nothing, lost: nothing });
    this.#site.serve(server);
    for (const piece of pieces) client.write(piece);
    client.abort();
    return reading;
  }

  /** Where each message begins that was looked at, and how far the last one was read: found by sending byte by byte. */
  places(bytes: Uint8Array): Places {
    const reading: MutableReading = { requests: [], end: "open", reason: "" };
    this.#reading = reading;
    const { client, server } = memoryPair();
    client.start({ received: nothing, ended: endOf(reading), drained: nothing, lost: nothing });
    this.#site.serve(server);
    const starts = [0];
    let end = 0;
    for (; end < bytes.length && reading.end === "open"; end += 1) {
      client.write(bytes.subarray(end, end + 1));
      const complete = reading.requests.filter((request) => request.complete).length;
      if (complete === starts.length) starts.push(end + 1);
    }
    client.abort();
    return { starts, end, reading };
  }

  #take(exchange: Exchange): void {
    const { method, target, version, headers } = exchange.head;
    const request: MutableRequest = {
      method,
      target,
      version,
      fields: fieldsAsText(headers),
      body: "",
      complete: false,
    };
    this.#reading.requests.push(request);
    const take = (): void => {
      for (let piece = exchange.take(); piece !== undefined; piece = exchange.take()) {
        if (piece === null) {
          request.complete = true;
          exchange.respond(OK, "");
          return;
        }
        request.body += Buffer.from(piece).toString("latin1");
      }
    };
    exchange.attach({ bodyReady: take, caughtUp: nothing, handedOver: nothing, lost: nothing });
    take();
  }
}

function endOf(reading: MutableReading): () => void {
  return () => {
    if (reading.end === "open") reading.end = "closed";
  };
}
