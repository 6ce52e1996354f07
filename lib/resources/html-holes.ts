// Where the holes of a template are. Escaping makes text safe between tags and in quoted attributes; elsewhere it does not.

/** The holes of one template where escaping does not help; undefined where there is none. */
export type BareHoles = ReadonlySet<number> | undefined;

/**
 * Finds the holes that are neither between tags nor in a quoted attribute: in an unquoted one, in a tag itself, in a comment, and
 * inside `script` and `style`.
 *
 * Reads the literal parts of a template only, once for each template.
 */
export function bareHoles(strings: readonly string[]): BareHoles {
  let known = KNOWN.get(strings);
  if (known === undefined) {
    known = { bare: find(strings) };
    KNOWN.set(strings, known);
  }
  return known.bare;
}

const KNOWN = new WeakMap<readonly string[], { readonly bare: BareHoles }>();

/** Where a template is at some place: `tag` also stands for an unquoted value. */
type Place = "text" | "tag" | '"' | "'" | "comment" | "script" | "style";

function find(strings: readonly string[]): BareHoles {
  const bare = new Set<number>();
  let state: State = { place: "text", element: "" };
  for (const [index, text] of strings.slice(0, -1).entries()) {
    state = walk(state, text);
    if (state.place !== "text" && !isQuote(state.place)) bare.add(index);
  }
  return bare.size === 0 ? undefined : bare;
}

interface State {
  readonly place: Place;
  /** Whose tag it is; empty for an end tag. */
  readonly element: string;
}

function walk(start: State, text: string): State {
  let { place, element } = start;
  for (let at = 0; at < text.length; ) {
    const end = END_OF[place];
    end.lastIndex = at;
    const match = end.exec(text);
    if (match === null) break;
    at = end.lastIndex;
    if (place !== "tag" && !isQuote(place)) element = match[1]?.toLowerCase() ?? "";
    place = next(place, match[0], element);
  }
  return { place, element };
}

function isQuote(text: string): text is '"' | "'" {
  return text === '"' || text === "'";
}

/** What ends each place; a name of an element is kept. */
const END_OF: Readonly<Record<Place, RegExp>> = {
  text: /<!--|<([a-z][^\s/>]*)|<\/|<$/gi,
  tag: /["'>]/g,
  '"': /"/g,
  "'": /'/g,
  comment: /-->/g,
  script: /<\/script/gi,
  style: /<\/style/gi,
};

function next(place: Place, end: string, element: string): Place {
  if (place === "text") return end === "<!--" ? "comment" : "tag";
  if (place === "comment") return "text";
  if (place !== "tag") return "tag";
  if (isQuote(end)) return end;
  return element === "script" || element === "style" ? element : "text";
}
