/** Takes an error that has no caller left to take it. `where` says in a few words what threw it. */
export type Reporter = (error: unknown, where: string) => void;

let reporter: Reporter = toStandardError;

function toStandardError(error: unknown, where: string): void {
  // oxlint-disable-next-line no-console -- the last resort, where no one has set a reporter
  console.error(`weftline: error in ${where}:`, error);
}

/**
 * Sends errors that nobody can catch to `next`: those of delayed calls, and failed Deferreds that were never looked at.
 *
 * Without an argument they go to standard error again. Returns the reporter that was there. There is one for the process.
 */
export function setReporter(next: Reporter = toStandardError): Reporter {
  const previous = reporter;
  reporter = next;
  return previous;
}

/** Reports an error that nobody can catch. Never throws: when the reporter does, both errors go to standard error. */
export function reportError(error: unknown, where: string): void {
  try {
    reporter(error, where);
  } catch (failure) {
    toStandardError(error, where);
    toStandardError(failure, "the reporter of errors");
  }
}
