// `held-client.ts PORT COUNT`: opens so many connections that each ask for /held, prints `open`, and keeps them until it is killed.
import { connect } from "node:net";

const port = Number(process.argv[2]);
const count = Number(process.argv[3]);

/** Connections in the making at a time, fewer than the servers' backlogs of 511. */
const AT_ONCE = 256;
const REQUEST = "GET /held?ms=3600000 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

let begun = 0;
let open = 0;

function openNext(): void {
  if (begun === count) return;
  begun += 1;
  const socket = connect(port, "127.0.0.1", () => {
    socket.write(REQUEST);
    open += 1;
    if (open === count) console.log("open");
    openNext();
  });
  socket.on("error", (error) => {
    console.error(`held-client: ${error.message} with ${open} open`);
    process.exit(1);
  });
  socket.on("close", () => {
    console.error(`held-client: the server closed a connection with ${open} open`);
    process.exit(1);
  });
}

for (let index = 0; index < AT_ONCE; index += 1) openNext();
