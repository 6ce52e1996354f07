import { decodeText } from "./charset.ts";

/** What the Content-Disposition of a part of a form says. RFC 7578 section 4.2. */
export interface Disposition {
  readonly name: string;
  /** The last part of the client's name for a file; undefined where the part is no file, empty where it has no usable name. */
  readonly filename: string | undefined;
}

/**
 * Reads the Content-Disposition of a part, one character a byte; undefined where it is not `form-data` with a name, malformed, or
 * says something twice. Text that is not UTF-8 throws a remote {@link ProtocolError}, 400.
 *
 * As browsers write it and not as RFC 9110 quotes: a backslash is one, unless before a quote or another backslash. `filename*`
 * is ignored, as RFC 7578 wants.
 */
export function parseDisposition(field: string): Disposition | undefined {
  const usual = USUAL.exec(field);
  if (usual !== null) return disposition(usual[1], usual[2]);
  const kind = /^form-data[ \t]*(?=;)/i.exec(field)?.[0];
  if (kind === undefined) return undefined;
  const parameters = new Map<string, string>();
  PARAMETER.lastIndex = kind.length;
  while (PARAMETER.lastIndex < field.length) {
    const [, key, token, quoted] = PARAMETER.exec(field) ?? [];
    const value = token ?? quoted;
    if (key === undefined || value === undefined || parameters.has(key.toLowerCase()))
      return undefined;
    parameters.set(key.toLowerCase(), value.replace(/\\(["\\])/g, "$1"));
  }
  return disposition(parameters.get("name"), parameters.get("filename"));
}

/** What browsers write, read at once. */
const USUAL =
  /^form-data; name="([ !\x23-\x5b\x5d-\x7e]+)"(?:; filename="([ !\x23-\x5b\x5d-\x7e]*)")?$/;

function disposition(
  name: string | undefined,
  filename: string | undefined,
): Disposition | undefined {
  if (name === undefined || name === "") return undefined;
  return {
    name: utf8(name),
    filename: filename === undefined ? undefined : baseName(utf8(filename)),
  };
}

const PARAMETER =
  /;[ \t]*([!#$%&'*+.^_`|~\w-]+)=(?:([!#$%&'*+.^_`|~\w-]+)|"((?:[\t !\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*)")[ \t]*/y;

function utf8(bytes: string): string {
  if (!/[\x80-\xff]/.test(bytes)) return bytes;
  return decodeText(Buffer.from(bytes, "latin1"));
}

/** What stands after the last slash or backslash, without control characters; `.` and `..` are no names. */
function baseName(path: string): string {
  const name = path.replace(/^.*[/\\]/s, "").replace(/\p{Cc}/gu, "");
  return name === "." || name === ".." ? "" : name;
}
