/** What the command was asked cannot be done. Its message is one line for the terminal; nothing of ours is broken, so there is no trace. */
export class Failure extends Error {
  override readonly name = "Failure";
  /** 1: it could not be done. 2: it was asked in a wrong way. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** A {@link Failure} of the one who typed the command. */
export function misuse(message: string): Failure {
  return new Failure(message, 2);
}

/** What the message of an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
