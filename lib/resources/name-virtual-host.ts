import { domainToASCII } from "node:url";
import { isAuthority } from "../http/authority.ts";
import type { Rendered } from "../web/body.ts";
import { HttpError } from "../web/http-error.ts";
import type { Request } from "../web/request.ts";
import { Resource } from "../web/resource.ts";
import { renderBelow } from "./render-below.ts";

/** How a {@link NameVirtualHost} is made. */
export interface NameVirtualHostOptions {
  /** Who answers for all other names, and for clients of HTTP/1.0 that say none. Without it they are answered 421. */
  readonly default?: Resource;
}

/**
 * Another tree of resources for each host name that the client came by. Twisted's `NameVirtualHost`.
 *
 * The name is that of the Host field, or what a trusted proxy says it was. One that is not known is answered 421 (RFC 9110 section 15.5.20), without a word about it.
 */
export class NameVirtualHost extends Resource {
  override isLeaf = true;
  readonly #default: Resource | undefined;
  readonly #hosts = new Map<string, Resource>();

  constructor(options: NameVirtualHostOptions = {}) {
    super();
    this.#default = options.default;
  }

  /**
   * Has `resource` answer for a host: `example.org`, `[::1]`, `example.org:8443` (at that port alone, 80 and 443 where the client says none), or `*.example.org`, which
   * stands for everything below it, at any depth, but not for itself. Replaces who answered before.
   *
   * Letters may be in any case, of any script, and a dot may end the name. The most exact one wins, of a host with and without port the one with. What is no host throws a TypeError.
   */
  addHost(name: string, resource: Resource): this {
    this.#hosts.set(keyOf(name), resource);
    return this;
  }

  /** False when there was none of that name. */
  removeHost(name: string): boolean {
    return this.#hosts.delete(keyOf(name));
  }

  override render(request: Request): Rendered {
    const resource = this.#lookUp(request) ?? this.#default;
    if (resource === undefined) throw new HttpError(421);
    return renderBelow(resource, request);
  }

  #lookUp(request: Request): Resource | undefined {
    const { host, port } = partsOf(request.authority.toLowerCase());
    const plain = plainHost(host);
    const atPort = `:${port || (request.isSecure ? "443" : "80")}`;
    const get = (name: string): Resource | undefined =>
      this.#hosts.get(name + atPort) ?? this.#hosts.get(name);
    const exact = get(plain);
    if (exact !== undefined || plain.startsWith("[")) return exact;
    for (let dot = plain.indexOf("."); dot >= 0; dot = plain.indexOf(".", dot + 1)) {
      const found = get(`*${plain.slice(dot)}`);
      // ".example.org" is no name below example.org.
      if (found !== undefined && dot > 0) return found;
    }
    return undefined;
  }
}

interface Parts {
  /** With the brackets of an address. */
  readonly host: string;
  /** Empty without one. */
  readonly port: string;
}

function partsOf(authority: string): Parts {
  const colon = authority.lastIndexOf(":");
  if (colon <= authority.lastIndexOf("]")) return { host: authority, port: "" };
  return {
    host: authority.slice(0, colon),
    port: authority.slice(colon + 1).replace(/^0+(?=\d)/, ""),
  };
}

/** The one way to write a host that is in lower case. */
function plainHost(host: string): string {
  // An address of version 6 can be written in many ways.
  if (host.startsWith("[")) return addressOf(host);
  return host.endsWith(".") ? host.slice(0, -1) : host;
}

function addressOf(host: string): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : host;
}

/** As it is looked up. */
function keyOf(name: string): string {
  const below = name.startsWith("*.") ? "*." : "";
  const { host, port } = partsOf(name.slice(below.length).toLowerCase());
  // Letters past ASCII are told otherwise on the wire (RFC 5891).
  const ascii = /[[/\\?#@]/.test(host) ? host : domainToASCII(host);
  const authority = port === "" ? ascii : `${ascii}:${port}`;
  if (!isAuthority(authority) || /^\.|\*/.test(ascii) || (below !== "" && ascii.startsWith("["))) {
    throw new TypeError(`${JSON.stringify(name)} is not the name of a host`);
  }
  const plain = plainHost(ascii);
  return below + (port === "" ? plain : `${plain}:${port}`);
}
