// Entity tags: `"opaque"` and weak, `W/"opaque"`. RFC 9110 section 8.8.3.

/** Whether a text is exactly one entity tag. */
export function isEntityTag(text: string): boolean {
  return ENTITY_TAG.test(text);
}

const ENTITY_TAG = /^(?:W\/)?"[!\x23-\x7e\x80-\xff]*"$/;

/** An entity tag around `opaque`. A quote, a blank, a control character or one past U+00FF in it throws a TypeError. */
export function entityTag(opaque: string, weak = false): string {
  const tag = `${weak ? "W/" : ""}"${opaque}"`;
  if (!isEntityTag(tag)) throw new TypeError("an entity tag holds no quotes, blanks or controls");
  return tag;
}

/**
 * The tags of an If-Match or If-None-Match field, in order; `"*"` for any. A comma inside a tag is part of it.
 *
 * Reading stops where there is no tag, so that of a broken field only what is surely meant counts. Never throws.
 */
export function parseEntityTags(field: string): readonly string[] | "*" {
  if (field.trim() === "*") return "*";
  const tags: string[] = [];
  LISTED.lastIndex = 0;
  for (let match = LISTED.exec(field); match !== null; match = LISTED.exec(field)) {
    if (match[1] !== undefined) tags.push(match[1]);
    if (LISTED.lastIndex === field.length) break;
  }
  return tags;
}

const LISTED = /[ \t]*(?:((?:W\/)?"[!\x23-\x7e\x80-\xff]*")[ \t]*)?(?:,|$)/y;

/** Whether two tags are the same and neither is weak: the bytes are the same. */
export function strongMatch(one: string, other: string): boolean {
  return one === other && !one.startsWith("W/");
}

/** Whether two tags are the same but for being weak: the content is the same. */
export function weakMatch(one: string, other: string): boolean {
  return opaqueOf(one) === opaqueOf(other);
}

function opaqueOf(tag: string): string {
  return tag.startsWith("W/") ? tag.slice(2) : tag;
}
