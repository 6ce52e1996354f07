// `html.ts weftline|hand`: a page with a table, by html`…` or by joining strings.
import { html } from "weftline";
import { repeat } from "./repeat.ts";
import { ROWS } from "./rows.ts";

function page(): string {
  const rows = ROWS.map(
    ({ name, size }) => html`<tr><td title="${name}">${name}</td><td>${size}</td></tr>`,
  );
  return html`<!doctype html><title>Files</title><table>${rows}</table>`.toString();
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}

function pageByHand(): string {
  let rows = "";
  for (const { name, size } of ROWS) {
    rows += `<tr><td title="${escape(name)}">${escape(name)}</td><td>${size}</td></tr>`;
  }
  return `<!doctype html><title>Files</title><table>${rows}</table>`;
}

const make = process.argv[2] === "hand" ? pageByHand : page;
await repeat(() => make().length);
