/** The last chunk, without trailers: the end of a chunked body (RFC 9112 section 7.1). */
export const LAST_CHUNK = "0\r\n\r\n";
/** What follows the data of each chunk. */
export const CHUNK_END = "\r\n";

/**
 * What precedes the data of a chunk of so many bytes, of which there has to be one: a chunk of none would be the last.
 *
 * Throws RangeError below 1.
 */
export function chunkHead(bytes: number): string {
  if (!(bytes >= 1)) throw new RangeError(`a chunk of ${bytes} bytes would end the body`);
  return `${bytes.toString(16)}\r\n`;
}

/**
 * A piece of body as a chunk: text in which every character is one byte, as the channel writes it. An empty piece is no chunk at all.
 *
 * Larger pieces are better sent as {@link chunkHead}, the bytes as they are, and {@link CHUNK_END}.
 */
export function encodeChunk(latin1: string): string {
  return latin1 === "" ? "" : `${latin1.length.toString(16)}\r\n${latin1}\r\n`;
}
