/** `host [ ":" port ]` without userinfo, as RFC 9110 section 7.2 has it in Host: a bracketed address, or a registered name, or an IPv4 address, which looks like one. */
const AUTHORITY =
  /^(?:\[([^\]]*)\]|(?!:|$)[\w\-.~!$&'()*+,;=]*(?:%[\dA-Fa-f]{2}[\w\-.~!$&'()*+,;=]*)*)(?::(\d*))?$/;
const IP_FUTURE = /^v[\dA-Fa-f]+\.[\w\-.~!$&'()*+,;=:]+$/i;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const GROUP = /^[\dA-Fa-f]{1,4}$/;
const MAX_PORT = 65_535;

/**
 * Whether a text is `uri-host [ ":" port ]`, as the Host field and the authority of a target have it.
 *
 * RFC 3986 section 3.2.2 for the host, which is not empty here; the port is empty or at most 65,535. Never throws.
 */
export function isAuthority(text: string): boolean {
  const match = AUTHORITY.exec(text);
  if (match === null) return false;
  const [, address, port] = match;
  if (port !== undefined && !isPort(port)) return false;
  return address === undefined || isIPv6(address) || IP_FUTURE.test(address);
}

/** Whether two authorities that {@link isAuthority} accepts name the same: letters in any case, the default port given or not. */
export function sameAuthority(one: string, other: string, defaultPort: string): boolean {
  if (one === other) return true;
  return normalised(one, defaultPort) === normalised(other, defaultPort);
}

function normalised(authority: string, defaultPort: string): string {
  const colon = authority.lastIndexOf(":");
  const hasPort = colon > authority.lastIndexOf("]");
  if (!hasPort) return `${authority.toLowerCase()}:${defaultPort}`;
  const port = authority.slice(colon + 1).replace(/^0+(?=\d)/, "");
  return `${authority.slice(0, colon).toLowerCase()}:${port === "" ? defaultPort : port}`;
}

function isPort(digits: string): boolean {
  return digits.length <= 5 && Number(digits) <= MAX_PORT;
}

/** RFC 3986 section 3.2.2: eight groups, or fewer around one `::`; the last two may be an IPv4 address. No zone. */
function isIPv6(text: string): boolean {
  const gap = text.indexOf("::");
  if (gap < 0) return groups(text, true) === 8;
  return groups(text.slice(0, gap), false) + groups(text.slice(gap + 2), true) <= 7;
}

/** How many groups of 16 bits a text has; NaN, which no comparison holds for, where it is not such a text. */
function groups(text: string, last: boolean): number {
  if (text === "") return 0;
  const tail = text.slice(text.lastIndexOf(":") + 1);
  const mapped = last && tail.includes(".");
  if (mapped && !IPV4.test(tail)) return Number.NaN;
  const hex = mapped ? text.split(":").slice(0, -1) : text.split(":");
  if (!hex.every((part) => GROUP.test(part))) return Number.NaN;
  return hex.length + (mapped ? 2 : 0);
}
