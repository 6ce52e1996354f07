// What every peer's reference app shares: its arguments, the counters behind /stats, and the waits that a client may leave.
import { Readable } from "node:stream";

export const port = Number(process.argv[2] ?? 0);
export const staticDirectory = process.env.STATIC_DIR ?? ".";

/** 16 MiB, Weftline's own default for a buffered body. */
export const BODY_BYTES = 16 * 1024 * 1024;
const PIECE = Buffer.alloc(64 * 1024, "x");

export const counts = { pending: 0, cancelled: 0, finished: 0 };

export function stats() {
  const { rss, heapUsed } = process.memoryUsage();
  return JSON.stringify({ ...counts, rss, heap: heapUsed });
}

export function ready(listeningPort) {
  console.log(`ready: http://127.0.0.1:${listeningPort}/`);
}

/** Counts a response of node:http from now to its end. A client that leaves first is counted as cancelled, after `undo`. */
export function track(response, undo) {
  counts.pending += 1;
  response.once("close", () => {
    counts.pending -= 1;
    if (response.writableFinished) counts.finished += 1;
    else {
      undo?.();
      counts.cancelled += 1;
    }
  });
}

/** Answers after `ms`, unless the client leaves first. */
export function hold(response, ms, answer) {
  const timer = setTimeout(() => answer(), ms);
  track(response, () => clearTimeout(timer));
}

/** A piece of `left` bytes of the stream, at most 64 KiB. */
export function piece(left) {
  return left >= PIECE.length ? PIECE : PIECE.subarray(0, left);
}

/** `bytes` of x as a readable stream that makes a piece when asked. */
export function source(bytes) {
  let left = bytes;
  return new Readable({
    highWaterMark: PIECE.length,
    read() {
      if (left === 0) return this.push(null);
      const next = piece(left);
      left -= next.length;
      return this.push(next);
    },
  });
}

/** The whole body, or undefined when it is over {@link BODY_BYTES}. */
export function collect(request, done) {
  const pieces = [];
  let length = 0;
  request.on("data", (bytes) => {
    length += bytes.length;
    if (length <= BODY_BYTES) pieces.push(bytes);
  });
  request.on("end", () => done(length <= BODY_BYTES ? Buffer.concat(pieces, length) : undefined));
}

/** The number of bytes of a body, counted as they come. */
export function count(request, done) {
  let length = 0;
  request.on("data", (bytes) => {
    length += bytes.length;
  });
  request.on("end", () => done(length));
}
