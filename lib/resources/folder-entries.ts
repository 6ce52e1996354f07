import { opendir } from "node:fs/promises";
import type { FileSettings } from "./file-options.ts";
import { lookAt } from "./open-file.ts";

/** A page with more is read by nobody. For comparison: Apache and nginx show all. */
export const MAX_ENTRIES = 1_000;

/** So many names are read of a folder, whatever is in it: a mail directory has millions. */
export const MAX_NAMES = 10_000;

/** So many files are looked at side by side. */
const AT_ONCE = 32;

/** A file or a folder that may be seen. */
export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
  /** In bytes; 0 for a folder. */
  readonly size: number;
  /** When it last changed. */
  readonly changed: Date;
}

/** What entries are sorted by. */
export const SORT_KEYS = ["name", "size", "date"] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/** What can be seen in a folder. */
export interface FolderEntries {
  readonly entries: readonly FolderEntry[];
  /** Whether there are more: these are the first ones by name. */
  readonly more: boolean;
}

/** The files and folders in `path` that a request could get, in no order. What is hidden, not readable, a link out, or neither file nor folder is left out. */
export async function entriesOf(
  path: string,
  settings: FileSettings,
  maxNames: number = MAX_NAMES,
): Promise<FolderEntries> {
  const { names, more } = await namesIn(path, settings, maxNames);
  const entries: FolderEntry[] = [];
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const some = names.slice(at, at + AT_ONCE).map((name) => entryOf(path, name, settings));
    // oxlint-disable-next-line no-await-in-loop -- some at a time, so that other requests get their turn
    for (const entry of await Promise.all(some)) if (entry !== undefined) entries.push(entry);
  }
  return { entries, more };
}

async function namesIn(
  path: string,
  settings: FileSettings,
  maxNames: number,
): Promise<{ readonly names: readonly string[]; readonly more: boolean }> {
  const names: string[] = [];
  let read = 0;
  for await (const { name } of await opendir(path, { bufferSize: 512 })) {
    if (settings.isName(name)) names.push(name);
    if (++read === maxNames) break;
  }
  const more = names.length > MAX_ENTRIES || read === maxNames;
  return { names: names.toSorted().slice(0, MAX_ENTRIES), more };
}

async function entryOf(
  folder: string,
  name: string,
  settings: FileSettings,
): Promise<FolderEntry | undefined> {
  const found = await lookAt(`${folder}/${name}`, settings);
  if (found === undefined) return undefined;
  const isFolder = found.isDirectory();
  return { name, isFolder, size: isFolder ? 0 : found.size, changed: found.mtime };
}

/** Folders first, and what is alike by name; always the same for the same entries. */
export function sorted(
  entries: readonly FolderEntry[],
  key: SortKey,
  descending: boolean,
): readonly FolderEntry[] {
  const sign = descending ? -1 : 1;
  return entries.toSorted(
    (one, other) =>
      Number(other.isFolder) - Number(one.isFolder) ||
      sign * (difference(one, other, key) || byName(one, other)),
  );
}

function difference(one: FolderEntry, other: FolderEntry, key: SortKey): number {
  switch (key) {
    case "name":
      return 0;
    case "size":
      return one.size - other.size;
    case "date":
      return one.changed.getTime() - other.changed.getTime();
    /* c8 ignore next 2 -- every key is above */
    default:
      return key satisfies never;
  }
}

/** As a reader would sort them: 2 before 10. Made when first needed, since that takes milliseconds. */
let collator: Intl.Collator | undefined;

function byName({ name: one }: FolderEntry, { name: other }: FolderEntry): number {
  collator ??= new Intl.Collator("en", { numeric: true });
  return collator.compare(one, other) || (one < other ? -1 : 1);
}
