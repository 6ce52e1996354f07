/** A part of a file, in bytes; `end` is exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A viewer of documents asks for a handful of parts at once; a thousand are an attack (CVE-2011-3192). */
export const MAX_RANGES = 16;

/**
 * The parts of a file that a Range field asks for, in the order asked, overlaps kept.
 *
 * Bounds are in bytes, `end` exclusive, both inside `size`. Undefined where the field is to be ignored: another unit, or bad syntax.
 * Empty where no part is satisfiable, which is answered 416. Never throws.
 *
 * RFC 9110 section 14.2. Deviation: more than {@link MAX_RANGES} parts are ignored, as section 14.2 allows.
 */
export function ranges(field: string, size: number): readonly ByteRange[] | undefined {
  const set = /^bytes=(.*)$/i.exec(field)?.[1];
  if (set === undefined) return undefined;
  const found: ByteRange[] = [];
  let asked = 0;
  for (const item of set.split(",")) {
    const spec = item.replace(/^[ \t]+|[ \t]+$/g, "");
    if (spec === "") continue;
    const range = readRange(spec, size);
    if (range === undefined || ++asked > MAX_RANGES) return undefined;
    if (range.start < range.end) found.push(range);
  }
  return asked === 0 ? undefined : found;
}

/** One part, clipped to the file; empty where it is not satisfiable, undefined where it is no range. */
function readRange(spec: string, size: number): ByteRange | undefined {
  const match = /^(\d*)-(\d*)$/.exec(spec);
  if (match === null || spec === "-") return undefined;
  const [, first, last] = match;
  if (first === "") return { start: Math.max(0, size - Number(last)), end: size };
  const start = Number(first);
  if (last === "") return { start, end: size };
  if (start > Number(last)) return undefined;
  return { start, end: Math.min(size, Number(last) + 1) };
}

/**
 * The same bytes with no byte twice: parts that overlap or touch become one, at the place of the first of them.
 *
 * To be sent in place of what {@link ranges} gives, so that a request cannot ask for one file many times over
 * (CVE-2011-3192); RFC 9110 section 15.3.7.2 allows it.
 */
export function coalesce(list: readonly ByteRange[]): readonly ByteRange[] {
  const merged: ByteRange[] = [];
  for (const range of list) {
    let { start, end } = range;
    let place = merged.length;
    // Backwards, so that removing one does not move those still to be looked at.
    for (let index = merged.length - 1; index >= 0; index--) {
      const other = merged[index];
      if (other === undefined || other.end < start || end < other.start) continue;
      start = Math.min(start, other.start);
      end = Math.max(end, other.end);
      merged.splice(index, 1);
      place = index;
    }
    merged.splice(place, 0, { start, end });
  }
  return merged;
}

/** The Content-Range field of one part; without a part, that of a 416. RFC 9110 section 14.4. */
export function contentRange(range: ByteRange | undefined, size: number): string {
  return range === undefined ? `bytes */${size}` : `bytes ${range.start}-${range.end - 1}/${size}`;
}
