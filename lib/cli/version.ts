import { readFileSync } from "node:fs";

/** The version of this package. */
export function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const about: unknown = JSON.parse(text);
  return typeof about === "object" && about !== null && "version" in about
    ? String(about.version)
    : "";
}
