import type { Stats } from "node:fs";
import type { ContentCoding } from "../fields/accept.ts";
import type { Validators } from "../fields/conditional.ts";
import { formatHttpDate, wallClock } from "../fields/date.ts";
import { entityTag } from "../fields/etag.ts";
import { Headers } from "../http/headers.ts";

/**
 * A file that changed less than this ago may change again without its time telling, so its tag is weak until then.
 * 2 s is the coarsest clock of a file system in use (FAT).
 */
export const RACY_MS = 2_000;

/** Which state of a file this is: whatever changes the file changes it too. */
export function stampOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return `${dev}:${ino} ${size} ${mtimeMs} ${ctimeMs}`;
}

/** What there is to say of a file beside its bytes. */
export interface FileFacts {
  /** Where it was found; links in it are not resolved. */
  readonly path: string;
  readonly stat: Stats;
  /** Its Content-Type, ready to be sent. */
  readonly type: string;
  /** How its bytes are packed. */
  readonly coding: ContentCoding;
  /** Whether there are files with the same content packed otherwise. */
  readonly varies: boolean;
  /** Empty: none is sent. */
  readonly cacheControl: string;
  /** All its bytes, where they are kept. */
  readonly content: Uint8Array | undefined;
}

/**
 * A file as it was when it was looked at, with the fields of its responses ready made.
 *
 * Its entity tag is made of size and time of change, so that several servers with the same files agree on it. It is strong, but for the two
 * seconds after the change, since another change might not show in them; only with a strong one are parts of a file joined (If-Range).
 */
export class ServedFile implements Validators {
  readonly facts: FileFacts;
  readonly stamp: string;
  readonly size: number;
  readonly content: Uint8Array | undefined;
  readonly etag: string;
  /** In ms since 1970. Never in the future (RFC 9110 section 8.8.2.1). */
  readonly lastModified: number;
  /** Whether a later change is sure to show. */
  readonly settled: boolean;
  /** Of a 200. */
  readonly headers: Headers;
  /** Of a 304 (RFC 9110 section 15.4.5). */
  readonly unchangedHeaders: Headers;

  constructor(facts: FileFacts) {
    const { stat, type, coding, content } = facts;
    const now = wallClock();
    this.facts = facts;
    this.stamp = stampOf(stat);
    this.size = stat.size;
    this.content = content;
    this.lastModified = Math.min(stat.mtimeMs, now);
    this.settled = now - stat.mtimeMs > RACY_MS;
    const version = `${stat.size.toString(36)}-${Math.round(stat.mtimeMs * 1_000).toString(36)}`;
    this.etag = entityTag(coding === "identity" ? version : `${version}-${coding}`, !this.settled);
    this.unchangedHeaders = new Headers({ ETag: this.etag });
    if (facts.varies) this.unchangedHeaders.set("Vary", "Accept-Encoding");
    if (facts.cacheControl !== "") this.unchangedHeaders.set("Cache-Control", facts.cacheControl);
    this.headers = this.unchangedHeaders.copy();
    this.headers.set("Last-Modified", formatHttpDate(this.lastModified));
    this.headers.set("Accept-Ranges", "bytes");
    this.headers.set("Content-Type", type);
    this.headers.set("X-Content-Type-Options", "nosniff");
    if (coding !== "identity") this.headers.set("Content-Encoding", coding);
  }
}
