import { type Endpoint, parseEndpoint } from "../transport/endpoint.ts";
import { messageOf, misuse } from "./failure.ts";

/** A command serves its own machine unless it is told to let others in. */
const LOOPBACK = "127.0.0.1";

/**
 * Where to listen, with the interface filled in where a TCP endpoint names none: it is {@link LOOPBACK} then.
 *
 * Throws a `Failure` for one that is not understood, and with `onlyLoopback` for one that lets other machines in, or might.
 */
export function checkedEndpoints(
  texts: readonly string[],
  onlyLoopback: boolean,
): readonly string[] {
  return texts.map((text) => {
    const parsed = parsedEndpoint(text);
    if (parsed.kind === "tcp" && parsed.host === undefined) return onLoopback(text);
    if (onlyLoopback && !isLoopback(parsed)) {
      throw misuse(
        `web: --display-tracebacks is for this machine only, but "${text}" may let others in`,
      );
    }
    return text;
  });
}

function parsedEndpoint(text: string): Endpoint {
  try {
    return parseEndpoint(text);
  } catch (error) {
    throw misuse(`web: ${messageOf(error)}`);
  }
}

function onLoopback(text: string): string {
  return `${/^\d+$/.test(text) ? `tcp:${text}` : text}:interface=${LOOPBACK}`;
}

function isLoopback(endpoint: Endpoint): boolean {
  if (endpoint.kind !== "tcp") return false;
  const { host = "" } = endpoint;
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
