import { constants } from "node:os";
import { inspect } from "node:util";
import { DisconnectedError } from "../channel/disconnected-error.ts";
import type { Terminal } from "./terminal.ts";

/** How the process is to end. */
export interface Ending {
  /** How long requests in progress may take to finish. */
  readonly graceMs: number;
  readonly exitCode: number;
}

/** Longer than most requests, and what most supervisors wait before they kill (Kubernetes 30 s, systemd 90 s, Docker 10 s). */
const SIGNAL_GRACE_MS = 30_000;
/** After an error that nobody caught the state of the program is unknown: less. */
const ERROR_GRACE_MS = 10_000;

/**
 * The first reason to end. Installs the handlers of the process; only a command may do that, a library may not.
 *
 * SIGINT and SIGTERM end it with 0; a second one ends it at once, with 130 or 143, as a shell would see it killed. SIGHUP is ignored:
 * scripts are read anew anyway, and who leaves a terminal need not stop a server. What was thrown and not caught is shown, and ends it with 1;
 * but not the mere news that a client has left, when nobody listened to that: no client may end a server.
 */
export function endingOf(terminal: Terminal): Promise<Ending> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (signal: "SIGINT" | "SIGTERM"): void => {
      if (asked) process.exit(128 + constants.signals[signal]);
      asked = true;
      resolve({ graceMs: SIGNAL_GRACE_MS, exitCode: 0 });
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
    process.on("SIGHUP", () => undefined);
    const fail = (error: unknown): void => {
      terminal.warn(`error: uncaught, the server will end\n${inspect(error)}`);
      resolve({ graceMs: ERROR_GRACE_MS, exitCode: 1 });
    };
    process.on("uncaughtException", fail);
    process.on("unhandledRejection", (reason) => {
      if (!(reason instanceof DisconnectedError)) fail(reason);
      else terminal.warn(`warning: nobody handled that ${reason.message}\n${inspect(reason)}`);
    });
  });
}
