// All examples in one tree: a page that lists them, each at its name, and its source at `/source/NAME.ts`.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Data, type Html, html, Resource, raw, type SiteOptions } from "weftline";

/** In the order of the guide. */
export const NAMES: readonly string[] = [
  "static-content",
  "dynamic-content",
  "static-dispatch",
  "dynamic-dispatch",
  "error-handling",
  "custom-codes",
  "handling-posts",
  "other-request-bodies",
  "scripts",
  "asynchronous",
  "asynchronous-deferred",
  "interrupted",
  "logging-errors",
  "access-logging",
  "http-authentication",
  "session-basics",
  "session-store",
  "session-endings",
  "leaky",
  "leaky-repaired",
];

/** A program of this folder. */
export interface Example {
  readonly name: string;
  /** From its first line: `// Title: what it shows.` */
  readonly title: string;
  readonly shows: string;
  /** Paths to look at, from its second line: `// Try: / /nothing` */
  readonly paths: readonly string[];
  readonly source: string;
  /** Its default export. */
  readonly root: Resource;
  /** Its export `options`, where it needs a site of its own. */
  readonly options?: SiteOptions | undefined;
}

/** Rejects where there is no such example. */
export async function loadExample(name: string): Promise<Example> {
  const source = await readFile(join(import.meta.dirname, `${name}.ts`), "utf8");
  const [, title = name, shows = "", paths = "/"] =
    /^\/\/ ([^:\n]+): (.+)\n\/\/ Try: (.+)\n/.exec(source) ?? [];
  const program: { default: unknown; options?: SiteOptions } = await import(`./${name}.ts`);
  const { default: root, options } = program;
  if (!(root instanceof Resource)) throw new TypeError(`${name}.ts does not export a Resource`);
  return { name, title, shows, paths: paths.split(" "), source, root, options };
}

/** The tree. `sites` says where the examples are that have a site of their own, by name. */
export function treeOf(examples: readonly Example[], sites: ReadonlyMap<string, string>): Resource {
  const root = new Resource();
  const sources = new Resource();
  root.putChild("", new IndexPage(examples, sites));
  root.putChild("source", sources);
  for (const { name, source, root: example } of examples) {
    if (!sites.has(name)) root.putChild(name, example);
    sources.putChild(`${name}.ts`, new Data(source, "text/plain; charset=utf-8"));
  }
  return root;
}

class IndexPage extends Resource {
  readonly #page: Html;

  constructor(examples: readonly Example[], sites: ReadonlyMap<string, string>) {
    super();
    this.#page = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Weftline by example</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
<h1>Weftline by example</h1>
<p>A minute each. Every program has a page in <code>docs/guide</code>, with what it answers and its test.</p>
<ol>${examples.map((example) => entry(example, sites.get(example.name)))}</ol>
</html>
`;
  }

  override render_GET() {
    return this.#page;
  }
}

function entry({ name, title, shows, paths }: Example, site = `${name}/`): Html {
  const links = paths.map(
    (path) => html`<a href="${path === "/" ? site : `${site}${path.slice(1)}`}">${path}</a> `,
  );
  return html`
<li id="${name}"><h2>${title}</h2><p>${shows.charAt(0).toUpperCase()}${shows.slice(1)}</p>
<p class="links">${links}<a class="source" href="source/${name}.ts">source</a></p></li>`;
}

const STYLE = raw(`
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; --line: light-dark(#d8dbe0, #3a3f47); --card: light-dark(#fff, #1c1f24); }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 4rem; background: light-dark(#f5f6f8, #121417); }
h1 { margin: 0; font-size: 1.75rem; }
h2 { margin: 0; font-size: 1.05rem; }
ol { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: .75rem; margin: 1.5rem 0 0; padding: 0; list-style: none; }
li { display: flex; flex-direction: column; border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1rem; background: var(--card); }
li p { margin: .3rem 0 0; }
.links { display: flex; flex-wrap: wrap; gap: .25rem .9rem; margin-top: auto; padding-top: .5rem; font-family: ui-monospace, monospace; font-size: .9rem; }
.source { margin-left: auto; }
a { color: light-dark(#0b57d0, #8ab4f8); }
`);
