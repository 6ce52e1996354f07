import { createHash } from "node:crypto";
import { encodeSegment } from "../fields/path.ts";
import { Headers } from "../http/headers.ts";
import type { Request } from "../web/request.ts";
import type { FileSettings } from "./file-options.ts";
import {
  entriesOf,
  type FolderEntries,
  type FolderEntry,
  MAX_ENTRIES,
  SORT_KEYS,
  type SortKey,
  sorted,
} from "./folder-entries.ts";
import { type Html, html, raw } from "./html.ts";

const STYLE = `:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}
body{margin:2rem auto;max-width:60rem;padding:0 1rem}
h1{font-size:1.25rem;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}
th,td{border-bottom:1px solid color-mix(in srgb,currentColor 15%,transparent);padding:.5rem;text-align:left}
th:nth-child(n+2),td:nth-child(n+2){text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
td:first-child{overflow-wrap:anywhere}
a{color:LinkText;display:inline-block;text-decoration:none}
a:hover,a:focus{text-decoration:underline}
tr:hover td{background:color-mix(in srgb,currentColor 5%,transparent)}
th[aria-sort=ascending] a::after{content:" \\2191"}
th[aria-sort=descending] a::after{content:" \\2193"}
@media(max-width:36rem){time span{display:none}th,td{padding:.6rem .25rem}}
`;

/** Nothing is loaded, and no style but ours applies: a file name can do no harm even if it got past the escaping. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const HEADERS = new Headers({
  "Content-Type": "text/html; charset=utf-8",
  "Content-Security-Policy": POLICY,
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-cache",
});

const TITLES: Readonly<Record<SortKey, string>> = {
  name: "Name",
  size: "Size",
  date: "Changed, UTC",
};

/** How a listing is sorted, as its query says. */
interface Order {
  readonly key: SortKey;
  readonly descending: boolean;
}

/** A page of what is in a folder, sorted as `?sort=name|size|date&order=asc|desc` says; `isTop` leaves out the way up. */
export async function renderListing(
  path: string,
  isTop: boolean,
  settings: FileSettings,
  request: Request,
): Promise<string> {
  const order = orderOf(request);
  const found = await entriesOf(path, settings);
  request.setHeaders(HEADERS);
  return page(`/${request.prepath.join("/")}`, isTop, order, found).toString();
}

function orderOf({ query }: Request): Order {
  const key = SORT_KEYS.find((name) => name === query.get("sort")) ?? "name";
  return { key, descending: query.get("order") === "desc" };
}

function page(title: string, isTop: boolean, order: Order, found: FolderEntries): Html {
  const entries = sorted(found.entries, order.key, order.descending);
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${raw(`<style>${STYLE}</style>`)}
<h1>${title}</h1>
<table>
<thead><tr>${SORT_KEYS.map((key) => heading(key, order))}</tr></thead>
<tbody>
${!isTop && html`<tr><td><a href="../">../</a><td><td>\n`}${entries.map(row)}</tbody>
</table>
${entries.length === 0 && html`<p>There is nothing in this folder.</p>\n`}${found.more && html`<p>Only the first ${MAX_ENTRIES} names are shown.</p>\n`}</html>
`;
}

function heading(key: SortKey, { key: current, descending }: Order): Html {
  const order = key === current && !descending ? "desc" : "asc";
  const link = html`<a href="?sort=${key}&amp;order=${order}">${TITLES[key]}</a>`;
  if (key !== current) return html`<th scope="col">${link}</th>`;
  return html`<th scope="col" aria-sort="${descending ? "descending" : "ascending"}">${link}</th>`;
}

function row({ name, isFolder, size, changed }: FolderEntry): Html {
  const slash = isFolder ? "/" : "";
  const time = changed.toISOString();
  return html`<tr><td><a href="${encodeSegment(name)}${slash}">${name}${slash}</a><td>${isFolder ? "" : sizeText(size)}<td><time datetime="${time}">${time.slice(0, 10)}<span> ${time.slice(11, 16)}</span></time>
`;
}

const UNITS = ["KiB", "MiB", "GiB", "TiB"] as const;

/** 1023 B, 1.0 KiB, 10 KiB. */
function sizeText(bytes: number): string {
  let size = bytes;
  let unit = "B";
  for (const next of UNITS) {
    if (size < 1_024) break;
    size /= 1_024;
    unit = next;
  }
  return `${unit === "B" || size >= 9.95 ? Math.round(size) : size.toFixed(1)} ${unit}`;
}
