import { isIP } from "node:net";
import { EndpointError } from "./endpoint-error.ts";

/** A TCP port. Plain, or with TLS where there are files for it. */
export interface TcpEndpoint {
  readonly kind: "tcp";
  /** 0: any that is free. */
  readonly port: number;
  /** Where to bind: an IP address or a host name. Undefined where the text does not say. */
  readonly host: string | undefined;
  /** Whether `::` leaves IPv4 alone. */
  readonly ipv6Only: boolean;
  /** Connections that may wait to be accepted; the system's figure where it is undefined. */
  readonly backlog: number | undefined;
  readonly tls: TlsFiles | undefined;
}

/** Paths of PEM files. */
export interface TlsFiles {
  readonly privateKey: string;
  /** May be the same file. */
  readonly cert: string;
  /** The certificates between `cert` and its root, where `cert` does not hold them. */
  readonly chain: string | undefined;
}

/** A path in the file system. */
export interface UnixEndpoint {
  readonly kind: "unix";
  readonly path: string;
  /** Permissions of the path; the umask decides where it is undefined. */
  readonly mode: number | undefined;
  readonly backlog: number | undefined;
}

/** A listening socket that was inherited. */
export interface FdEndpoint {
  readonly kind: "fd";
  readonly fd: number;
}

export type Endpoint = TcpEndpoint | UnixEndpoint | FdEndpoint;

interface Kind {
  /** Shown where the text does not fit. */
  readonly usage: string;
  /** What stands at the first place. */
  readonly place: string;
  /** What may be given, by its name and its synonyms. */
  readonly names: readonly (readonly [string, ...synonyms: string[]])[];
  make(read: Reader): Endpoint;
}

const MAX_PORT = 65_535;

/** Linux has room for 107 bytes in an address. */
const MAX_PATH_BYTES = 107;

const TCP: Kind = {
  usage: "tcp:PORT[:interface=ADDRESS][:backlog=N]",
  place: "port",
  names: [["port"], ["interface"], ["backlog"]],
  make: (read) => tcp(read, undefined),
};

const TCP6: Kind = {
  usage: "tcp6:PORT[:interface=ADDRESS][:backlog=N]",
  place: TCP.place,
  names: TCP.names,
  make(read) {
    const { host = "::", ...rest } = tcp(read, undefined);
    return { ...rest, host, ipv6Only: true };
  },
};

const TLS: Kind = {
  usage: "tls:PORT:privateKey=FILE[:cert=FILE][:ca=FILE][:interface=ADDRESS][:backlog=N]",
  place: "port",
  names: [...TCP.names, ["privateKey"], ["cert", "certKey"], ["ca", "extraCertChain"]],
  make: (read) => tcp(read, tlsFiles(read)),
};

const UNIX: Kind = {
  usage: "unix:PATH[:mode=OCTAL][:backlog=N]",
  place: "path",
  names: [["path", "address"], ["mode"], ["backlog"]],
  make: (read) => ({ kind: "unix", path: path(read), mode: mode(read), backlog: backlog(read) }),
};

const FD: Kind = {
  usage: "fd:NUMBER",
  place: "fd",
  names: [["fd"]],
  make: (read) => ({ kind: "fd", fd: read.integer("fd", 2 ** 31 - 1) ?? read.refuse("no number") }),
};

/** `ssl` is Twisted's word for `tls`. */
const KINDS: ReadonlyMap<string, Kind> = new Map([
  ["tcp", TCP],
  ["tcp6", TCP6],
  ["tls", TLS],
  ["ssl", TLS],
  ["unix", UNIX],
  ["fd", FD],
]);

/** One part: anything up to a colon that is neither escaped nor inside the brackets of an IPv6 address. */
const PART = /(?:\\.?|\[[0-9A-Fa-f:.]+(?:%\w+)?\]|[^:\\])*/sy;
const NAMED = /^([A-Za-z]\w*)=(.*)$/s;
const ESCAPED = /\\(.)/gs;
const INTEGER = /^\d{1,10}$/;
const MODE = /^[0-7]{1,4}$/;
const BRACKETED = /^\[(.*)\]$/s;

/**
 * What to listen on, from its text.
 *
 * `8080` and `"8080"` are `"tcp:8080"`; `"127.0.0.1:8080"`, `"[::1]:8080"` and `"localhost:8080"` name an interface as well. Else a type,
 * then its parts, divided by colons: `"tcp:8080:interface=127.0.0.1:backlog=50"`, `"tcp6:8080"`, `"unix:/run/x.sock:mode=660"`,
 * `"tls:8443:privateKey=key.pem:cert=cert.pem:ca=chain.pem"`, `"fd:3"`. Port 0 is any that is free. In a part, `\:` is a colon and `\\` a
 * backslash; an IPv6 address may stand in brackets instead. `cert` is where the key is, unless it is given.
 *
 * As Twisted's endpoint strings, whose names `ssl:`, `certKey`, `extraCertChain` and `address` mean the same here.
 * Throws {@link EndpointError}, which names the part that is wrong.
 */
export function parseEndpoint(endpoint: number | string): Endpoint {
  const shown = String(endpoint);
  const parts = partsOf(shown);
  const [first = "", ...rest] = parts;
  const kind = KINDS.get(first);
  if (kind !== undefined) return kind.make(new Reader(shown, kind, rest));
  if (parts.length === 1 && INTEGER.test(first)) return TCP.make(new Reader(shown, TCP, parts));
  if (parts.length === 2 && isHost(first)) {
    return TCP.make(new Reader(shown, TCP, [...rest, `interface=${first}`]));
  }
  const known = [...KINDS.keys()].join(", ");
  throw new EndpointError(`endpoint "${shown}": "${first}" is neither a port nor one of ${known}`);
}

function partsOf(text: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  do {
    PART.lastIndex = start;
    PART.test(text); // It always does, if only for nothing.
    parts.push(text.slice(start, PART.lastIndex));
    start = PART.lastIndex + 1;
  } while (start <= text.length);
  return parts;
}

function isHost(text: string): boolean {
  return text === "localhost" || isIP(withoutBrackets(text)) !== 0;
}

function withoutBrackets(text: string): string {
  return BRACKETED.exec(text)?.[1] ?? text;
}

/** The parts of one text behind its type, by name. */
class Reader {
  readonly #shown: string;
  readonly #kind: Kind;
  readonly #values = new Map<string, string>();

  constructor(shown: string, kind: Kind, parts: readonly string[]) {
    this.#shown = shown;
    this.#kind = kind;
    for (const [index, part] of parts.entries()) this.#add(part, index === 0);
  }

  text(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** A number from `least` to `most`. */
  integer(name: string, most: number, least = 0): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = INTEGER.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    return this.refuse(`${name} "${text}" is not a number from ${least} to ${most}`);
  }

  refuse(why: string): never {
    throw new EndpointError(`endpoint "${this.#shown}": ${why}; usage: ${this.#kind.usage}`);
  }

  #add(part: string, isFirst: boolean): void {
    const [, given, value] = NAMED.exec(part) ?? [];
    const { place, names } = this.#kind;
    const name = given ?? (isFirst ? place : this.refuse(`"${part}" has no name`));
    const [key] = names.find((same) => same.includes(name)) ?? this.refuse(`it takes no ${name}`);
    const text = (value ?? part).replaceAll(ESCAPED, "$1");
    if (text === "") this.refuse(`${name} is empty, or its colons are not escaped`);
    if (this.#values.has(key)) this.refuse(`${name} is given twice`);
    this.#values.set(key, text);
  }
}

function tcp(read: Reader, tls: TlsFiles | undefined): TcpEndpoint {
  const port = read.integer("port", MAX_PORT) ?? read.refuse("no port");
  const host = read.text("interface");
  return {
    kind: "tcp",
    port,
    host: host === undefined ? undefined : withoutBrackets(host),
    ipv6Only: false,
    backlog: backlog(read),
    tls,
  };
}

function tlsFiles(read: Reader): TlsFiles {
  const privateKey = read.text("privateKey") ?? read.refuse("no privateKey");
  return { privateKey, cert: read.text("cert") ?? privateKey, chain: read.text("ca") };
}

function path(read: Reader): string {
  const text = read.text("path") ?? read.refuse("no path");
  const length = Buffer.byteLength(text);
  return length <= MAX_PATH_BYTES
    ? text
    : read.refuse(`the path has ${length} bytes, more than ${MAX_PATH_BYTES}`);
}

function mode(read: Reader): number | undefined {
  const text = read.text("mode");
  if (text === undefined) return undefined;
  return MODE.test(text) ? Number.parseInt(text, 8) : read.refuse(`mode "${text}" is not octal`);
}

function backlog(read: Reader): number | undefined {
  return read.integer("backlog", 65_535, 1);
}
