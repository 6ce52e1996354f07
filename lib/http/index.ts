/**
 * `weftline/http`: HTTP/1.1 as a value. Bytes in, requests out; responses in, text out. Nothing here knows a socket, a timer or a promise.
 *
 * RFC 9110 and 9112, read strictly; `docs/reference/http-support.md` lists what is refused and where we deviate.
 */
export { END } from "./body-reader.ts";
export { CHUNK_END, chunkHead, encodeChunk, LAST_CHUNK } from "./chunk.ts";
export {
  type ConnectionEvent,
  ConnectionState,
  REQUEST_STEPS,
  RESPONSE_STEPS,
  type RequestState,
  type ResponseState,
  type Steps,
} from "./connection-state.ts";
export { Headers, type HeadersInit } from "./headers.ts";
export { DEFAULT_PARSER_LIMITS, type ParserLimits } from "./limits.ts";
export { ProtocolError } from "./protocol-error.ts";
export { CHUNKED, type RequestHead } from "./request-head.ts";
export { RequestParser } from "./request-parser.ts";
export {
  CLOSES,
  CONTINUE,
  connectionField,
  encodeHead,
  encodeInformational,
  framingOf,
  hasBody,
  KEEPS_ALIVE,
  promisedLength,
  type ResponseFields,
  STAYS_OPEN,
  UNSAID,
  UNTIL_CLOSE,
} from "./response.ts";
export { PHRASES } from "./status.ts";
