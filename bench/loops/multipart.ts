// `multipart.ts weftline|busboy|fetch`: a form with three fields and a file of 64 KiB: by the whole toolkit in memory, by the parser
// that it uses alone, or by the one that Node has for `Response.formData`.
import { Readable } from "node:stream";
import { Busboy } from "@fastify/busboy";
import { type Request, Resource } from "weftline";
import { TestClient } from "weftline/testing";
import { repeat } from "./repeat.ts";

const BOUNDARY = "----weftline";
const TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

const FIELDS = ["title", "author", "notes"].map(
  (name) =>
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\nsome ${name}\r\n`,
);
const FILE = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n`;
const BODY = Buffer.from(`${FIELDS.join("")}${FILE}${"x".repeat(65_536)}\r\n--${BOUNDARY}--\r\n`);

class Upload extends Resource {
  override async render_POST(request: Request): Promise<string> {
    const form = await request.form();
    return `${form.get("title")}`;
  }
}

async function byWeftline(): Promise<unknown> {
  const { text } = await client.post("/", { headers: { "Content-Type": TYPE }, body: BODY });
  if (text !== "some title") throw new Error(text);
  return text;
}

function byBusboy(): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const fields = new Map<string, string>();
    const parser = new Busboy({ headers: { "content-type": TYPE } });
    parser.on("field", (name, value) => fields.set(name, value));
    parser.on("file", (_name, file) => file.resume());
    parser.once("error", reject);
    parser.once("finish", () => resolve(fields.get("title")));
    Readable.from([BODY]).pipe(parser);
  });
}

async function byFetch(): Promise<unknown> {
  const form = await new Response(BODY, { headers: { "Content-Type": TYPE } }).formData();
  return form.get("title");
}

const client = new TestClient(new Upload());
const ways: Readonly<Record<string, () => Promise<unknown>>> = {
  weftline: byWeftline,
  busboy: byBusboy,
  fetch: byFetch,
};
await repeat(ways[process.argv[2] ?? ""] ?? byWeftline);
