/** Of the base64, in characters. For comparison: the whole head of a request has 16 KiB. */
const MAX_CREDENTIALS = 8_192;

const BASIC = /^basic +(?<credentials>[A-Za-z\d+/]*={0,2}) *$/i;
const UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * Login and password of an Authorization field, both empty where there is none; undefined where it is of another scheme than Basic, malformed or too long.
 *
 * RFC 7617: UTF-8, and the first colon ends the login.
 */
export function readLogin(field: string | null): readonly [string, string] | undefined {
  if (field === null) return ["", ""];
  const text = BASIC.exec(field)?.groups?.["credentials"];
  if (text === undefined || text.length > MAX_CREDENTIALS) return undefined;
  const login = decoded(text);
  const colon = login.indexOf(":");
  if (colon === -1 || CONTROL.test(login)) return undefined;
  return [login.slice(0, colon), login.slice(colon + 1)];
}

/** Empty for what is not UTF-8. */
function decoded(text: string): string {
  try {
    return UTF_8.decode(Buffer.from(text, "base64"));
  } catch {
    return "";
  }
}
