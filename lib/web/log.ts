import { inspect } from "node:util";

/** Where the toolkit says what it has to say. An instance of pino fits as it is. */
export interface Logger {
  debug(about: object, message: string): void;
  info(about: object, message: string): void;
  warn(about: object, message: string): void;
  error(about: object, message: string): void;
}

/** Warnings and errors to standard error, a line each, with the trace of an `err`; debug and info nowhere. */
export const standardLog: Logger = Object.freeze({
  debug: () => undefined,
  info: () => undefined,
  warn: (about: object, message: string) => {
    print("warning", about, message);
  },
  error: (about: object, message: string) => {
    print("error", about, message);
  },
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

function print(level: string, about: object, message: string): void {
  const { err, ...rest } = about as { err?: unknown };
  const details =
    Object.keys(rest).length > 0 ? ` ${inspect(rest, { breakLength: Infinity })}` : "";
  const trace = err === undefined ? "" : `\n${inspect(err)}`;
  process.stderr.write(`${level}: ${message}${details}${trace}\n`);
}
