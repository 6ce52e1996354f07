import { inspect } from "node:util";

/** Where the toolkit says what it has to say. An instance of pino fits as it is. */
export interface Logger {
  debug(about: object, message: string): void;
  info(about: object, message: string): void;
  warn(about: object, message: string): void;
  error(about: object, message: string): void;
}

/** A log that hands warnings and errors to `write`, a line each, without its end and with the trace of an `err` below; debug and info nowhere. */
export function logTo(write: (line: string) => void): Logger {
  return Object.freeze({
    debug: () => undefined,
    info: () => undefined,
    warn: (about: object, message: string) => {
      write(lineOf("warning", about, message));
    },
    error: (about: object, message: string) => {
      write(lineOf("error", about, message));
    },
  });
}

/** To standard error. */
export const standardLog: Logger = logTo((line) => {
  process.stderr.write(`${line}\n`);
});

/** The same log, except that what it throws goes to standard error: a broken log must not take a request with it. */
export function sturdyLog(log: Logger): Logger {
  const guarded =
    (level: "debug" | "info" | "warn" | "error") =>
    (about: object, message: string): void => {
      try {
        log[level](about, message);
      } catch (error) {
        standardLog.error({ err: error }, "the log failed");
      }
    };
  return {
    debug: guarded("debug"),
    info: guarded("info"),
    warn: guarded("warn"),
    error: guarded("error"),
  };
}

/** No text in a line is longer, in characters. */
const MAX_FIELD = 1_024;

function lineOf(level: string, about: object, message: string): string {
  const { err, ...rest } = about as { err?: unknown };
  const details =
    Object.keys(rest).length > 0
      ? ` ${inspect(rest, { breakLength: Infinity, maxStringLength: MAX_FIELD })}`
      : "";
  const trace = err === undefined ? "" : `\n${inspect(err)}`;
  return `${level}: ${message}${details}${trace}`;
}
