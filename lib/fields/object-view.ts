import type { Form, UploadedFile } from "./form.ts";

/** Pairs as an object: a name that comes once has its value, one that comes again an array of them. Without a prototype. */
export type ObjectView<T> = Record<string, T | T[]>;

/** The object that schemas want, of a query (`URLSearchParams`) or of any pairs. `__proto__` is a name like any other. */
export function objectOf<T extends string | UploadedFile>(
  pairs: Iterable<readonly [string, T]>,
): ObjectView<T> {
  const view: ObjectView<T> = Object.create(null);
  for (const [name, value] of pairs) {
    const before = view[name];
    if (before === undefined) view[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else view[name] = [before, value];
  }
  return view;
}

/** The object that schemas want, of a form: its fields, and its files as {@link UploadedFile}. */
export function objectOfForm(form: Form): ObjectView<string | UploadedFile> {
  const files = form.files.map((file) => [file.name, file] as const);
  return objectOf<string | UploadedFile>([...form, ...files]);
}
