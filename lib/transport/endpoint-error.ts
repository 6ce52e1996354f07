import { codeOf } from "./system-error.ts";

/**
 * An endpoint that cannot be understood or cannot be listened on.
 *
 * The message is one line for a person and names the endpoint and what is wrong with it. `cause` is the system's own error, if there is one.
 */
export class EndpointError extends Error {
  override readonly name = "EndpointError";
  /** The system's name of what went wrong, such as EADDRINUSE; undefined where the text itself is wrong. */
  readonly code: string | undefined;

  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = codeOf(cause);
  }
}
