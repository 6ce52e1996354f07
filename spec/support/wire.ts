// Reads the cases of spec/wire/*.md, whose README says how they are written, and runs a parser over them.
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { CHUNKED, END, type ParserLimits, ProtocolError, RequestParser } from "weftline/http";

/** One case: what goes in, and what has to come out. */
export interface WireCase {
  /** The file without `.md`. */
  readonly file: string;
  readonly title: string;
  readonly bytes: Uint8Array;
  /** One line an event; lines that begin with a blank are fields of the head above. */
  readonly expected: readonly string[];
}

const FOLDER = resolve("spec/wire");
const FENCE = /^```(\w+)\n([\s\S]*?)^```$/gm;
const ROW = /^\| `(.*?)` \| (.*?) \|$/gm;
const ESCAPE = /\\(?:r|n|t|\\|x([\da-fA-F]{2}))/g;
const REPEAT = /\{(.+?)\*(\d+)\}/g;
const PLAIN: Readonly<Record<string, string>> = {
  "\\r": "\r",
  "\\n": "\n",
  "\\t": "\t",
  "\\\\": "\\",
};

/** Every case of every file. */
export function wireCases(): WireCase[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".md") && name !== "README.md");
  return files.toSorted().flatMap((name) => casesOf(name));
}

function casesOf(name: string): WireCase[] {
  const file = name.slice(0, -".md".length);
  const sections = readFileSync(resolve(FOLDER, name), "utf8").split(/^## /m).slice(1);
  return sections.flatMap((section) => {
    const title = section.slice(0, section.indexOf("\n"));
    const fences = [...section.matchAll(FENCE)];
    const request = fences.find(([, kind]) => kind === "http")?.[2];
    const events = fences.find(([, kind]) => kind === "events")?.[2];
    const rows = [...section.matchAll(ROW)];
    if (request === undefined || (events === undefined) === (rows.length === 0)) {
      throw new Error(`${name}: "${title}" needs a request, and either events or a table`);
    }
    if (events !== undefined) {
      return [
        {
          file,
          title,
          bytes: bytesOf(request),
          expected: repeated(events).split("\n").slice(0, -1),
        },
      ];
    }
    return rows.map(([, value = "", outcome = ""]) => ({
      file,
      title: `${title}: ${value === "" ? "(nothing)" : value}`,
      bytes: bytesOf(request.replaceAll("$", () => value)),
      expected: outcome.split("; ").map((event) => event.replaceAll("`", "")),
    }));
  });
}

/** The bytes that a text with visible escapes stands for; its own line ends count for nothing. */
export function bytesOf(text: string): Uint8Array {
  const long = repeated(text.replaceAll("\n", ""));
  const plain = long.replace(ESCAPE, (escape, hex?: string) =>
    hex === undefined ? (PLAIN[escape] ?? "") : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Uint8Array.from(Buffer.from(plain, "latin1"));
}

function repeated(text: string): string {
  return text.replace(REPEAT, (_, unit: string, count: string) => unit.repeat(Number(count)));
}

/** How the bytes are handed over. */
export interface Feeding {
  readonly pieces: readonly Uint8Array[];
  /** Whether the parser is asked only after the last piece. */
  readonly late?: boolean;
}

/** What a parser makes of pieces, in the notation of the cases. The memory of each piece is spoilt after it was settled. */
export function eventsOf({ pieces, late = false }: Feeding, limits?: ParserLimits): string[] {
  const parser = new RequestParser(limits);
  const events: string[] = [];
  let data = "";
  const drain = (): void => {
    for (let event = parser.next(); event !== undefined; event = parser.next()) {
      if (event instanceof Uint8Array) {
        data += Buffer.from(event).toString("latin1");
        continue;
      }
      if (data !== "") events.push(`data ${visible(data)}`);
      data = "";
      if (event === END) events.push("end");
      else
        events.push(
          headLine(event),
          ...[...event.headers].map(([name, value]) => ` ${name}: ${visible(value)}`),
        );
    }
  };
  try {
    for (const [at, piece] of pieces.entries()) {
      const memory = Uint8Array.from(piece);
      parser.feed(memory);
      if (!late || at === pieces.length - 1) drain();
      parser.settle();
      memory.fill(0x58);
    }
    if (data !== "") events.push(`data ${visible(data)}`);
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.blame !== "remote") throw error;
    if (data !== "") events.push(`data ${visible(data)}`);
    events.push(`${error.status}`);
  }
  return events;
}

function headLine(
  head: Exclude<ReturnType<RequestParser["next"]>, Uint8Array | typeof END | undefined>,
): string {
  const { method, target, path, version, authority, bodyLength, persistent, expectsContinue } =
    head;
  return [
    `${method} ${target} ${version} for ${authority === "" ? "nobody" : authority}`,
    ...(path === target ? [] : [`path ${path}`]),
    ...(bodyLength === 0 ? [] : [bodyLength === CHUNKED ? "chunked" : `${bodyLength} bytes`]),
    ...(persistent ? [] : ["closes"]),
    ...(expectsContinue ? ["waits for 100"] : []),
  ].join(", ");
}

function visible(text: string): string {
  const escaped = text.replace(/[\\\r\n\t]|[^\x20-\x7e]/g, (character) => {
    const short = { "\\": "\\\\", "\r": "\\r", "\n": "\\n", "\t": "\\t" }[character];
    return short ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return escaped.length > 200 ? `${escaped.length} characters` : escaped;
}

/** Whether events are what a case expects: `ok` stands for one request without error, and fields count only where the case has any. */
export function matches(events: readonly string[], expected: readonly string[]): boolean {
  if (expected.length === 1 && expected[0] === "ok") {
    return events.at(-1) === "end" && events.filter((event) => event === "end").length === 1;
  }
  const withFields = expected.some((line) => line.startsWith(" "));
  const seen = withFields ? events : events.filter((line) => !line.startsWith(" "));
  return seen.join("\n") === expected.join("\n");
}
