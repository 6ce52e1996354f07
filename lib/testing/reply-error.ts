/** Characters of the server's bytes that a message quotes. */
const QUOTED = 60;

/** A reply that the client cannot use: it breaks HTTP/1.1, or it was cut before its end. The message says what had come. */
export class ReplyError extends Error {
  override readonly name = "ReplyError";
}

/** The beginning of some bytes, given as latin1, as a message shows them. */
export function quoted(bytes: string): string {
  const shown = JSON.stringify(bytes.slice(0, QUOTED));
  return bytes.length > QUOTED ? `${shown} and ${bytes.length - QUOTED} bytes more` : shown;
}
