// The same page as loops/html.ts, by Hono's html`…`.
import { html } from "hono/html";
import { repeat } from "../loops/repeat.ts";
import { ROWS } from "../loops/rows.ts";

function page() {
  const rows = ROWS.map(
    ({ name, size }) => html`<tr><td title="${name}">${name}</td><td>${size}</td></tr>`,
  );
  return html`<!doctype html><title>Files</title><table>${rows}</table>`;
}

await repeat(() => page().length);
