/** What one request may take before it is refused. All in bytes, unless the name says otherwise. */
export interface ParserLimits {
  /** Request target; past it 414. RFC 9112 section 3 asks for at least 8,000. */
  readonly targetBytes: number;
  /** The whole head, request line and empty line included, and likewise the trailer section; past it 431. */
  readonly headBytes: number;
  /** Field lines in a head or a trailer section; past it 431. */
  readonly fieldCount: number;
  /** One chunk-size line with its extensions; past it 400. */
  readonly chunkLineBytes: number;
  /**
   * Chunk extensions of one body in all; past it 400. Also what its chunk lines and CRLFs may weigh beyond twice the payload, once 1 MiB
   * of the body came.
   */
  readonly chunkOverheadBytes: number;
}

/** For comparison: Node allows 16 KiB of head, Apache 8 KiB a line, most servers 100 fields. */
export const DEFAULT_PARSER_LIMITS: ParserLimits = Object.freeze({
  targetBytes: 8_192,
  headBytes: 16_384,
  fieldCount: 100,
  chunkLineBytes: 1_024,
  chunkOverheadBytes: 16_384,
});
