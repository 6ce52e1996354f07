import { isAuthority, sameAuthority } from "./authority.ts";
import { PATH, QUERY } from "./octets.ts";
import { ProtocolError } from "./protocol-error.ts";

/** What a request is for. */
export interface Subject {
  /** Path and query; `*`, or the authority of CONNECT, as they are. */
  readonly path: string;
  readonly authority: string;
}

const ORIGIN_FORM = new RegExp(`^/${PATH}(?:\\?${QUERY})?$`);
const ABSOLUTE_FORM = new RegExp(`^(https?)://([^/?]*)((?:/${PATH})?)((?:\\?${QUERY})?)$`, "i");
const WITH_PORT = /:\d+$/;

/**
 * What a target and a Host field together mean, by the four forms of RFC 9112 section 3.2; throws where they mean nothing.
 *
 * The Host, where there is one, is known to be valid or empty. Only `http` and `https` may be the scheme, and userinfo is refused
 * (RFC 9110 section 4.2.4). CONNECT takes nothing but an authority with a port, and OPTIONS alone takes `*`.
 */
export function resolveTarget(method: string, target: string, host: string | undefined): Subject {
  if (method === "CONNECT") return authorityForm(target);
  if (target === "*") return asteriskForm(method, host ?? "");
  if (!ORIGIN_FORM.test(target)) return absoluteForm(method, target, host);
  // An http URI with an empty host is invalid (RFC 9110 section 4.2.1); HTTP/1.0 may leave the field out.
  if (host === "") throw new ProtocolError("remote", "an empty Host");
  return { path: target, authority: host ?? "" };
}

/** The target's authority is the one that counts (RFC 9112 section 3.2.2); we also want the Host to be no other. */
function absoluteForm(method: string, target: string, host: string | undefined): Subject {
  const match = ABSOLUTE_FORM.exec(target);
  if (match === null) throw new ProtocolError("remote", "a request target of no known form");
  const [, scheme = "", authority = "", path = "", query = ""] = match;
  if (!isAuthority(authority)) {
    throw new ProtocolError("remote", "a request target without a valid host");
  }
  const defaultPort = scheme.length === "https".length ? "443" : "80";
  if (host !== undefined && !sameAuthority(authority, host, defaultPort)) {
    throw new ProtocolError("remote", "a Host other than the target's");
  }
  return { path: path === "" ? pathOfNone(method, query) : path + query, authority };
}

/** RFC 9112 section 3.2.4: OPTIONS for an authority alone means the server; everything else means its root. */
function pathOfNone(method: string, query: string): string {
  return method === "OPTIONS" && query === "" ? "*" : `/${query}`;
}

function authorityForm(target: string): Subject {
  if (!WITH_PORT.test(target) || !isAuthority(target)) {
    throw new ProtocolError("remote", "CONNECT takes a host and a port");
  }
  return { path: target, authority: target };
}

function asteriskForm(method: string, host: string): Subject {
  if (method !== "OPTIONS") throw new ProtocolError("remote", "only OPTIONS may ask for *");
  return { path: "*", authority: host };
}
