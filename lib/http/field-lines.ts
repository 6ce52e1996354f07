import { COLON, HTAB, SP } from "./octets.ts";

/** A block of field lines is known to be well-formed here; its empty line is the last two characters. */

/**
 * Whether the line that begins at `at` is a field of that lower-case name. Most lines are ruled out by where their colon is.
 *
 * `usual` is how most clients write it, if not in lower case.
 */
export function isNamed(block: string, at: number, name: string, usual: string = name): boolean {
  const end = at + name.length;
  if (block.charCodeAt(end) !== COLON) return false;
  const written = block.slice(at, end);
  return written === usual || written.toLowerCase() === name;
}

/** The values of the fields of that lower-case name, joined by `, `, or null: one pass, and nothing is made of the other fields. */
export function findField(block: string, name: string): string | null {
  const last = block.length - 2;
  let joined: string | null = null;
  for (let at = 0; at < last; ) {
    const next = block.indexOf("\n", at) + 1;
    if (isNamed(block, at, name)) {
      const value = trimOws(block, at + name.length + 1, next - 2);
      joined = joined === null ? value : `${joined}, ${value}`;
    }
    at = next;
  }
  return joined;
}

/** The part of a text without the OWS around it, which is SP and HTAB and nothing else (RFC 9110 section 5.6.3). */
export function trimOws(text: string, from: number, to: number): string {
  let begin = from;
  let end = to;
  while (begin < end && isBlank(text.charCodeAt(begin))) begin++;
  while (end > begin && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(begin, end);
}

function isBlank(code: number): boolean {
  return code === SP || code === HTAB;
}
