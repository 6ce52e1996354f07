// Serves the examples until SIGINT or SIGTERM; what is being answered then may finish. `serve.ts 8081` at another port than 8080.
import { Dispatcher, SHUTDOWN_PENDING } from "weftline/servlet";
import { makeDaemon } from "./daemon.ts";

const daemon = makeDaemon(Number(process.argv[2] ?? 8_080));
const dispatcher = new Dispatcher();
dispatcher.monitor("SIGINT"); // a second one meanwhile ends the process at once
dispatcher.monitor("SIGTERM");
dispatcher.subscribeShutdown(async (phase) => {
  if (phase !== SHUTDOWN_PENDING) return;
  console.log("Finishing …");
  await daemon.stop({ graceMs: 10_000 }); // holds the shutdown until it is done
});
await daemon.start();
console.log(`http://127.0.0.1:${daemon.port()}/`);
await dispatcher.run();
