// The reference app as a server of its own: `npm run --silent app -- PORT`.
import { Site } from "weftline";
import { referenceApp } from "./reference-app.ts";

const port = Number(process.argv[2] ?? 0);
const root = referenceApp(process.env["STATIC_DIR"] ?? ".");
// as many connections as there are descriptors: the 20,000 held requests are more than the default allows
const site = new Site(root, { limits: { maxConnections: Infinity } });
const listener = await site.listen(`tcp:${port}:interface=127.0.0.1`);
console.log(`ready: ${listener.url}`);
