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

/** For comparison: nginx and Fastify 1 MiB, Kestrel 28.6 MiB, Node none. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  ...DEFAULT_CHANNEL_LIMITS,
  bodyBytes: 16_777_216,
  jsonBytes: 1_048_576,
  formBytes: 1_048_576,
});
