import { ProtocolError } from "../http/protocol-error.ts";
import { decodeText } from "./charset.ts";

/** Levels of arrays and objects in each other. For comparison: what people exchange has under ten. */
export const MAX_JSON_DEPTH = 32;

/**
 * The value of a JSON body, which is UTF-8 (RFC 8259 section 8.1), a byte order mark allowed.
 *
 * What is not JSON, deeper than {@link MAX_JSON_DEPTH}, or has a key `__proto__` anywhere throws a remote
 * {@link ProtocolError}, 400: such a key is harmless here, but not where the value is copied into another object.
 */
export function parseJson(body: Uint8Array): unknown {
  let value: unknown;
  const text = decodeText(body);
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ProtocolError("remote", "the body is not JSON", 400, { cause });
  }
  inspect(value, MAX_JSON_DEPTH);
  return value;
}

/** Looks through all of a value that may have `levels` more in it, which bounds the recursion. */
function inspect(value: unknown, levels: number): void {
  if (typeof value !== "object" || value === null) return;
  if (levels === 0) {
    throw new ProtocolError("remote", `the body is more than ${MAX_JSON_DEPTH} deep`, 400);
  }
  if (Object.hasOwn(value, "__proto__")) {
    throw new ProtocolError("remote", "the body has a key __proto__", 400);
  }
  for (const child of Array.isArray(value) ? value : Object.values(value)) {
    inspect(child, levels - 1);
  }
}
