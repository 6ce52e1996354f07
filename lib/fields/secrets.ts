import { createHash, timingSafeEqual } from "node:crypto";

/** Whether two secrets are the same text, in a time that does not depend on where they differ, nor on their lengths. */
export function sameSecret(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

/** Digests are of one length, which `timingSafeEqual` wants. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
