import { chmodSync, existsSync, lstatSync, unlinkSync } from "node:fs";
import { connect, createServer, type ListenOptions, type Server } from "node:net";
import { dirname } from "node:path";
import type { Endpoint, FdEndpoint, TcpEndpoint, UnixEndpoint } from "./endpoint.ts";
import { EndpointError } from "./endpoint-error.ts";
import { codeOf, systemError } from "./system-error.ts";

/** What the system's names mean to a person. */
const MEANINGS: ReadonlyMap<string | undefined, string> = new Map([
  ["EACCES", "permission denied"],
  ["EADDRINUSE", "it is in use"],
  ["EADDRNOTAVAIL", "this machine has no such address"],
  ["EBADF", "no such descriptor is open"],
  ["EINVAL", "it is not a socket that can listen"],
  ["ENOENT", "no such folder"],
  ["ENOTFOUND", "no such host"],
]);

/**
 * A server of Node's that listens. It has no listeners yet: they must be there before the next turn of the event loop.
 *
 * `shown` is how messages name the endpoint, `host` where it binds when it does not say; undefined binds all interfaces.
 * Rejects with {@link EndpointError}.
 */
export async function bind(
  endpoint: Endpoint,
  shown: string,
  host: string | undefined,
): Promise<Server> {
  try {
    return endpoint.kind === "unix"
      ? await bindPath(endpoint)
      : await listening(wanted(endpoint, host));
  } catch (error) {
    const code = codeOf(error);
    const why = MEANINGS.get(code) ?? "the system refuses";
    throw new EndpointError(`cannot listen on "${shown}": ${why} (${code})`, error);
  }
}

function wanted(endpoint: TcpEndpoint | FdEndpoint, host: string | undefined): ListenOptions {
  if (endpoint.kind === "fd") {
    const inherited: ListenOptions & { readonly fd: number } = { fd: endpoint.fd };
    return inherited;
  }
  const { port, ipv6Only, backlog } = endpoint;
  return { port, host: endpoint.host ?? host, ipv6Only, backlog };
}

async function listening(options: ListenOptions): Promise<Server> {
  const server = createServer({ allowHalfOpen: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return server;
}

async function bindPath({ path, mode, backlog }: UnixEndpoint): Promise<Server> {
  const server = await listening({ path, backlog }).catch(async (error: unknown) => {
    // libuv says EACCES.
    if (!existsSync(dirname(path))) throw systemError("ENOENT", "no such folder", error);
    if (codeOf(error) !== "EADDRINUSE" || !(await isStale(path))) throw error;
    unlinkSync(path);
    return listening({ path, backlog });
  });
  if (mode !== undefined) chmodSync(path, mode);
  return server;
}

/** Whether a path is a socket that nobody answers any more: what a process leaves behind that was killed. */
async function isStale(path: string): Promise<boolean> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return false;
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("error", (error) => resolve(codeOf(error) === "ECONNREFUSED"));
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
  });
}
