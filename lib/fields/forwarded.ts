// Where a request came from, when proxies stand between: what each of them is believed, from the nearest outwards.
import { BlockList, isIP } from "node:net";
import { parseParameters } from "./parameters.ts";

/** Who is at the other end, as the connection or the trusted proxies say. */
export interface Origin {
  /** An IP address; empty for a unix socket. */
  readonly address: string;
  /** Whether the client itself came by TLS. */
  readonly secure: boolean;
  /** The authority that the client asked for, where a proxy says so and it differs from Host; else undefined. */
  readonly host: string | undefined;
}

/** The proxies whose Forwarded and X-Forwarded-* fields are believed. */
export class TrustedProxies {
  readonly #addresses = new BlockList();
  readonly #sockets: boolean;

  /** Each of `list` is an IP address, a CIDR block such as `10.0.0.0/8`, or `unix` for whoever comes by a unix socket. Others throw a TypeError. */
  constructor(list: readonly string[]) {
    this.#sockets = list.includes("unix");
    for (const entry of list) if (entry !== "unix") this.#add(entry);
  }

  #add(entry: string): void {
    const [address = "", bits, more] = entry.split("/");
    const version = isIP(address);
    const prefix = bits === undefined || /^\d{1,3}$/.test(bits) ? Number(bits ?? 0) : Infinity;
    if (version === 0 || more !== undefined || prefix > (version === 4 ? 32 : 128)) {
      throw new TypeError(`${JSON.stringify(entry)} is no IP address, CIDR block or "unix"`);
    }
    const family = version === 4 ? "ipv4" : "ipv6";
    if (bits === undefined) this.#addresses.addAddress(address, family);
    else this.#addresses.addSubnet(address, prefix, family);
  }

  /** Whether it is one of them; an IPv4 address may also be written as an IPv6 one. Never throws. */
  has(address: string): boolean {
    if (address === "") return this.#sockets;
    const version = isIP(address);
    return version !== 0 && this.#addresses.check(address, version === 4 ? "ipv4" : "ipv6");
  }
}

/** Where the fields of a request are looked up. */
interface Fields {
  get(name: string): string | null;
}

/** One hop: what a proxy says of whoever came to it. */
interface Hop {
  readonly address: string | undefined;
  readonly proto: string | undefined;
  readonly host: string | undefined;
}

/**
 * The client behind trusted proxies: the first address, from the nearest, that is not one of them.
 *
 * Forwarded (RFC 7239) is read where it is there, else X-Forwarded-For, -Proto and -Host. What an untrusted peer sends is not
 * read at all, and of a trusted one nothing beyond the first hop that is hidden, unknown or malformed. Never throws.
 */
export function originOf(peer: Origin, headers: Fields, trusted: TrustedProxies): Origin {
  if (!trusted.has(peer.address)) return peer;
  let origin = peer;
  // Nearest first: the last that was added is by the proxy that we know.
  for (const hop of hopsOf(headers).toReversed()) {
    origin = {
      address: hop.address ?? origin.address,
      secure: hop.proto === undefined ? origin.secure : hop.proto === "https",
      host: hop.host ?? origin.host,
    };
    if (hop.address === undefined || !trusted.has(hop.address)) break;
  }
  return origin;
}

function hopsOf(headers: Fields): readonly Hop[] {
  const forwarded = headers.get("forwarded");
  if (forwarded !== null) return splitList(forwarded).map(readForwarded);
  const addresses = splitList(headers.get("x-forwarded-for") ?? "");
  const protos = splitList(headers.get("x-forwarded-proto") ?? "");
  const hosts = splitList(headers.get("x-forwarded-host") ?? "");
  return addresses.length === 0 && protos.length + hosts.length > 0
    ? [{ address: undefined, proto: protoOf(protos.at(-1)), host: hostOf(hosts.at(-1)) }]
    : addresses.map((address, index) => ({
        address: addressOf(address),
        proto: protoOf(alongside(addresses, protos, index)),
        host: hostOf(alongside(addresses, hosts, index)),
      }));
}

/** Many proxies append to the addresses but set the rest: then the one value was set by the nearest. */
function alongside(
  addresses: readonly string[],
  values: readonly string[],
  index: number,
): string | undefined {
  if (values.length === addresses.length) return values[index];
  return index === addresses.length - 1 ? values.at(-1) : undefined;
}

/** `for=192.0.2.1;proto=https;host=example.com`; nothing of it counts unless all is well-formed. */
function readForwarded(element: string): Hop {
  const pairs = parseParameters(`;${element}`);
  return {
    address: addressOf(pairs?.get("for")),
    proto: protoOf(pairs?.get("proto")),
    host: hostOf(pairs?.get("host")),
  };
}

/** Splits at the commas outside quotes. */
function splitList(field: string): readonly string[] {
  const items = field.match(/(?:[^",]|"(?:[^"\\]|\\.)*"?)+/g) ?? [];
  return items.map((item) => item.trim()).filter((item) => item !== "");
}

/** An address without its brackets and port; undefined for a name, `unknown` and `_hidden`. */
function addressOf(node: string | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (isIP(node) !== 0) return node;
  const { v6, v4 } = /^(?:\[(?<v6>[^\]]*)\]|(?<v4>[\d.]+))(?::\d{1,5})?$/.exec(node)?.groups ?? {};
  if (v6 !== undefined) return isIP(v6) === 6 ? v6 : undefined;
  return v4 !== undefined && isIP(v4) === 4 ? v4 : undefined;
}

function protoOf(proto: string | undefined): string | undefined {
  const lower = proto?.toLowerCase();
  return lower === "http" || lower === "https" ? lower : undefined;
}

/** A name, IPv4 address or bracketed IPv6 address, with or without a port; nothing else gets into a URL of ours. */
function hostOf(host: string | undefined): string | undefined {
  if (host === undefined || host.length > 261) return undefined;
  return /^(?:[a-z\d](?:[a-z\d._-]*[a-z\d.])?|\[[a-f\d:.]+\])(?::\d{1,5})?$/i.test(host)
    ? host
    : undefined;
}
