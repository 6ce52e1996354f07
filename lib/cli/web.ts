import { setReporter } from "../defer/report.ts";
import { combinedLogFormat, jsonLogFormat } from "../web/access-log.ts";
import { logTo } from "../web/log.ts";
import { Site } from "../web/site.ts";
import type { Command, Options } from "./command.ts";
import { endingOf } from "./endings.ts";
import { checkedEndpoints } from "./endpoints.ts";
import { misuse } from "./failure.ts";
import { rootOf } from "./root.ts";
import { serve } from "./serve.ts";
import type { Terminal } from "./terminal.ts";
import type { Values } from "./values.ts";

const DEFAULT_ENDPOINT = "tcp:8080:interface=127.0.0.1";

const OPTIONS: Options = {
  path: { type: "string", value: "DIR", help: "serve the files of this folder" },
  scripts: {
    type: "boolean",
    help: "run NAME.resource.ts (.js, .mjs) in it as the resource at /NAME",
  },
  index: {
    type: "string",
    value: "NAME",
    multiple: true,
    default: "index.html, index.htm",
    help: "answer for a folder with the first of these files that it has",
  },
  listing: { type: "boolean", help: "list folders that have no such file" },
  "ignore-ext": {
    type: "string",
    value: "EXT",
    multiple: true,
    help: "serve NAME.EXT at /NAME too; * for any extension",
  },
  "mime-type": {
    type: "string",
    value: "EXT=TYPE",
    multiple: true,
    help: "serve files with this extension as this media type",
  },
  class: {
    type: "string",
    value: "MODULE#NAME",
    help: "serve a resource of this module instead of a folder: an object, or a class; NAME is default unless given",
  },
  listen: {
    type: "string",
    value: "ENDPOINT",
    multiple: true,
    default: DEFAULT_ENDPOINT,
    help: "listen here: tcp:PORT, unix:PATH, tls:PORT:privateKey=FILE:cert=FILE; only this machine is let in unless interface=ADDRESS says more",
  },
  "add-header": {
    type: "string",
    value: "NAME:VALUE",
    multiple: true,
    help: "send this field with every answer",
  },
  "display-tracebacks": {
    type: "boolean",
    help: "show errors on the page; only for this machine, and not in production",
  },
  "log-format": {
    type: "string",
    value: "FORMAT",
    default: "combined",
    help: "write the access log as combined or json",
  },
};

const LOG_FORMATS = new Map([
  ["combined", combinedLogFormat],
  ["json", jsonLogFormat],
]);

/** `weftline web`: serves until it is told to stop. */
export const web: Command = {
  name: "web",
  summary: "serve a folder, or a resource of your own",
  operands: [],
  options: OPTIONS,
  run: serveWeb,
};

async function serveWeb(
  values: Values,
  _operands: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const tracebacks = values.has("display-tracebacks");
  if (tracebacks && process.env["NODE_ENV"] === "production") {
    throw misuse("web: --display-tracebacks is not for production (NODE_ENV)");
  }
  const given = values.all("listen");
  const endpoints = checkedEndpoints(given.length > 0 ? given : [DEFAULT_ENDPOINT], tracebacks);
  const accessLog = accessLogTo(terminal, values.one("log-format") ?? "combined");
  const log = logTo((line) => {
    terminal.warn(line);
  });
  setReporter((error, where) => {
    log.error({ err: error }, `an error in ${where}`);
  });
  const root = await rootOf(values);
  const ending = endingOf(terminal); // until now a signal has ended the process at once
  const site = new Site(root, { displayTracebacks: tracebacks, log, accessLog });
  return serve(site, endpoints, ending, terminal);
}

function accessLogTo(
  terminal: Terminal,
  name: string,
): (record: Parameters<typeof combinedLogFormat>[0]) => void {
  const format = LOG_FORMATS.get(name);
  if (format === undefined) {
    throw misuse(`web: --log-format is ${[...LOG_FORMATS.keys()].join(" or ")}, not ${name}`);
  }
  return (record) => {
    terminal.print(format(record));
  };
}
