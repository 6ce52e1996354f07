import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Duplex, duplexPair } from "node:stream";
import { fieldsAsText, type MutableReading, type MutableRequest, type Reading } from "./reading.ts";

/** A connection that is being read: its two ends, and what was understood so far. */
interface Connection {
  readonly near: Duplex;
  readonly far: Duplex;
  readonly reading: MutableReading;
}

/**
 * How node:http reads what comes on a connection. One server, many connections over pairs of streams.
 *
 * It is asked not to look for a Host: it would answer by itself and read on, so that nothing could be told from it.
 */
export class NodeReader {
  readonly #server: Server;
  readonly #readings = new WeakMap<object, MutableReading>();

  constructor() {
    this.#server = createServer({ maxHeaderSize: 16_384, requireHostHeader: false });
    this.#server.keepAliveTimeout = 0;
    this.#server.headersTimeout = 0;
    this.#server.requestTimeout = 0;
    this.#server.maxHeadersCount = 0;
    const take = (request: IncomingMessage, response: ServerResponse): void => {
      this.#take(request, response);
    };
    this.#server.on("request", take);
    this.#server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
      response.writeContinue();
      take(request, response);
    });
    this.#server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
      this.#end(request.socket, 417, "an expectation");
      response.end();
    });
    // Without a listener it would close the connection; what follows is not HTTP to it.
    this.#server.on("connect", (request: IncomingMessage, socket: Duplex) => {
      this.#reading(socket)?.requests.push({ ...readHead(request), complete: true });
      this.#end(socket, "closed", "CONNECT");
    });
    this.#server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
      const { code = "" } = error;
      if (code === "HPE_CLOSED_CONNECTION") this.#end(socket, "closed", code);
      else
        this.#end(socket, code === "HPE_HEADER_OVERFLOW" ? 431 : 400, `${code} ${error.message}`);
    });
  }

  /** Reads all of `connections` at the same time, each in its pieces. */
  async read(connections: readonly (readonly Uint8Array[])[]): Promise<Reading[]> {
    const all = connections.map((pieces) => this.#open(pieces));
    await quiet(all);
    for (const { near, far } of all) for (const end of [near, far]) end.destroy();
    await turn();
    return all.map(({ reading }) => reading);
  }

  #open(pieces: readonly Uint8Array[]): Connection {
    const [near, far] = duplexPair();
    const reading: MutableReading = { requests: [], end: "open", reason: "" };
    this.#readings.set(far, reading);
    for (const end of [near, far]) end.on("error", () => undefined);
    near.on("data", () => undefined);
    near.on("end", () => {
      this.#end(far, "closed", "");
    });
    this.#server.emit("connection", far);
    for (const piece of pieces) near.write(piece);
    return { near, far, reading };
  }

  /** What is still being read on a connection; nothing is once it has ended. */
  #reading(socket: object): MutableReading | undefined {
    const reading = this.#readings.get(socket);
    return reading?.end === "open" ? reading : undefined;
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const read = readHead(request);
    this.#reading(request.socket)?.requests.push(read);
    request.setEncoding("latin1");
    request.on("data", (text: string) => {
      read.body += text;
    });
    for (const message of [request, response]) message.on("error", () => undefined);
    request.on("end", () => {
      read.complete = true;
      response.writeHead(200, { "Content-Length": 0 }).end();
    });
  }

  #end(socket: object, end: number | "closed", reason: string): void {
    const reading = this.#reading(socket);
    if (reading === undefined) return;
    reading.end = end;
    reading.reason = reason;
  }
}

function readHead(request: IncomingMessage): MutableRequest {
  const { rawHeaders } = request;
  const fields: [string, string][] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    fields.push([rawHeaders[at] ?? "", rawHeaders[at + 1] ?? ""]);
  }
  return {
    method: request.method ?? "",
    target: request.url ?? "",
    version: `HTTP/${request.httpVersion}`,
    fields: fieldsAsText(fields),
    body: "",
    complete: false,
  };
}

/** So many turns of the event loop without news are quiet; so many in all are enough, since node:http stops reading behind some requests. */
const QUIET_TURNS = 4;
const MOST_TURNS = 200;

/** Until nothing has been on its way for some turns of the event loop. */
async function quiet(connections: readonly Connection[]): Promise<void> {
  let turns = 0;
  for (let all = 0; turns < QUIET_TURNS && all < MOST_TURNS; all += 1) {
    // oxlint-disable-next-line no-await-in-loop -- that is what it waits for
    await turn();
    const moving = connections.some(
      ({ near, reading }) => reading.end === "open" && near.writableLength > 0,
    );
    turns = moving ? 0 : turns + 1;
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
