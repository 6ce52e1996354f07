/** The `code` of one of Node's errors, such as EADDRINUSE. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** An error with the system's name for it as its `code`. */
export function systemError(code: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(`${message} (${code})`, { cause }), { code });
}
