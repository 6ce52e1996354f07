// `transfer-client.ts PORT down|up BYTES`: moves so many bytes once and prints the seconds that it took.
import { connect } from "node:net";

const port = Number(process.argv[2]);
const direction = process.argv[3];
const bytes = Number(process.argv[4]);

const PIECE = Buffer.alloc(256 * 1024, "x");
const into = Buffer.allocUnsafe(1024 * 1024);
let received = 0;
let answer = "";
let started = 0;

/** Counts without keeping: what the server can send, not what this client can hold. */
const onread = {
  buffer: into,
  callback: (length: number): boolean => {
    received += length;
    if (direction === "up") answer += into.toString("latin1", 0, length);
    return true;
  },
};

const socket = connect({ port, host: "127.0.0.1", onread }, () => {
  started = performance.now();
  if (direction === "up") upload();
  else download();
});
socket.once("end", () => {
  if (direction === "up" && !answer.includes(String(bytes))) throw new Error(answer);
  if (direction === "down" && received < bytes) throw new Error(`only ${received} bytes came`);
  console.log((performance.now() - started) / 1000);
  socket.destroy();
});

function download(): void {
  socket.write(
    `GET /stream?bytes=${bytes} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`,
  );
}

function upload(): void {
  const fields =
    "Host: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/octet-stream\r\n";
  socket.write(`POST /sink HTTP/1.1\r\n${fields}Content-Length: ${bytes}\r\n\r\n`);
  let left = bytes;
  const more = (): void => {
    while (left > 0) {
      const piece = left < PIECE.length ? PIECE.subarray(0, left) : PIECE;
      left -= piece.length;
      if (!socket.write(piece)) {
        socket.once("drain", more);
        return;
      }
    }
  };
  more();
}
