/** One end of a connection. */
export interface Address {
  readonly family: "IPv4" | "IPv6" | "unix";
  /** An IP address in its usual text form, without brackets; the path of a unix socket, empty for its unnamed end. */
  readonly host: string;
  /** 0 for a unix socket. */
  readonly port: number;
}

/** The end of a unix socket that has no path: who connects to one. */
export const UNNAMED: Address = Object.freeze({ family: "unix", host: "", port: 0 });

/**
 * The address of an IP host, as text.
 *
 * A client of a listener for both families is told as what it is: `::ffff:192.0.2.1` is the IPv4 address 192.0.2.1.
 */
export function ipAddress(host: string, port: number): Address {
  if (!host.includes(":")) return { family: "IPv4", host, port };
  const mapped = host.startsWith("::ffff:") && host.includes(".");
  return mapped ? { family: "IPv4", host: host.slice(7), port } : { family: "IPv6", host, port };
}
