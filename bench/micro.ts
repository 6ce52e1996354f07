// What is measured inside one process, without sockets or a server.
import { loopWorkload } from "./measure/loop.ts";
import type { Workload } from "./measure/workload.ts";

export const MICRO_WORKLOADS: readonly Workload[] = [
  loopWorkload("dispatch", "a request through the test client, awaited", {
    weftline: "loops/dispatch.ts",
    "fastify.inject": "peers/inject.mjs",
  }),
  loopWorkload("servlet", "a small answer by a servlet, and by a resource, in memory", {
    weftline: "loops/servlet.ts servlet",
    resource: "loops/servlet.ts resource",
  }),
  loopWorkload("wire", "a browser's request over a connection in memory", {
    weftline: "loops/wire.ts weftline",
    "node-http": "loops/wire.ts node-http",
  }),
  loopWorkload("html", "a page with a table of 100 rows, escaped", {
    weftline: "loops/html.ts weftline",
    hono: "peers/hono-html.mjs",
    "by hand": "loops/html.ts hand",
  }),
  loopWorkload("multipart", "a form with three fields and a file of 64 KiB", {
    weftline: "loops/multipart.ts weftline",
    "busboy alone": "loops/multipart.ts busboy",
    "Response.formData": "loops/multipart.ts fetch",
  }),
];
