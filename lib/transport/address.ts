/** One end of a connection. */
export interface Address {
  readonly family: "IPv4" | "IPv6" | "unix";
  /** An IP address in its usual text form, without brackets; the path of a unix socket, empty for its unnamed end. */
  readonly host: string;
  /** 0 for a unix socket. */
  readonly port: number;
}
