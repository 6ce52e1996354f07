import { inspect } from "node:util";
import { type ChannelLimits, DEFAULT_CHANNEL_LIMITS } from "../channel/limits.ts";

/** What a site allows. Bytes, unless the name says otherwise. */
export interface Limits extends ChannelLimits {
  /** A body asked for whole by `bytes` or `text`; past it 413. */
  readonly bodyBytes: number;
  /** One asked for by `json`; past it 413. */
  readonly jsonBytes: number;
  /** A form, but for its uploaded files; past it 413. */
  readonly formBytes: number;
}

/**
 * `given` where it says something, else `defaults`. 0 turns a limit off, and so becomes Infinity.
 *
 * Throws a TypeError, which names the option, for what is no number of at least 0, and for a name that is not known.
 */
export function resolved<T extends object>(
  defaults: T,
  given: { readonly [K in keyof T]?: T[K] | undefined } | undefined,
): T {
  const all: Record<string, unknown> = Object.fromEntries(Object.entries(defaults));
  for (const [name, value] of Object.entries<unknown>(given ?? {})) {
    if (!(name in all)) throw new TypeError(`there is no limit named ${name}`);
    if (value === undefined) continue;
    if (typeof value !== "number" || !(value >= 0)) {
      throw new TypeError(`${name}: ${inspect(value)} is not a number of at least 0`);
    }
    all[name] = value;
  }
  for (const [name, value] of Object.entries(all)) if (value === 0) all[name] = Infinity;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it has the names of the defaults, and numbers
  return all as T;
}

/** For comparison: nginx and Fastify 1 MiB, Kestrel 28.6 MiB, Node none. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  ...DEFAULT_CHANNEL_LIMITS,
  bodyBytes: 16_777_216,
  jsonBytes: 1_048_576,
  formBytes: 1_048_576,
});
