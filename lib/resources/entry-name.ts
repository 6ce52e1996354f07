import { isHiddenSegment, isSafeSegment } from "../fields/path.ts";

/** Whether a decoded segment may be looked for in a folder: it is safe on any system, and not hidden. */
export function isEntryName(segment: string): boolean {
  return isSafeSegment(segment) && !isHiddenSegment(segment);
}

/** A name from its `.resource.ts`, `.js` or `.mjs` on, with what editors and tools add. */
const SOURCE = /\.resource\.(?:ts|js|mjs)(?![a-z0-9])/i;

/**
 * Whether a file of this name is the source of a script, or a copy of one (`hello.resource.ts~`, `hello.resource.ts.bak`).
 *
 * Such a file is never sent, whether scripts are run or not: what reads a folder asks about the name that was requested and about
 * the name of the file that was opened, with links resolved. Upper and lower case count alike, since some disks do not tell them apart.
 */
export function isScriptSource(name: string): boolean {
  return SOURCE.test(name);
}
