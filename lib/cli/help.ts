import type { Command, Option } from "./command.ts";

/** Where the second column begins; a longer first one has a line of its own. */
const INDENT = 26;
/** How wide the second column is: lines of 100 characters. */
const WIDTH = 74;
const TOO_LONG = new RegExp(`(.{1,${WIDTH}})(?: +|$)`, "g");

/** What `weftline --help` prints. */
export function overview(commands: readonly Command[]): string {
  return `Usage: weftline COMMAND [OPTIONS]

Serves web resources that answer later.

Commands:
${columns(commands.map((command) => [`${command.name} ${command.operands.join(" ")}`.trim(), command.summary]))}

Options:
${columns([
  ["--help", "print this, or with a command what it takes"],
  ["--version", "print the version"],
])}`;
}

/** What `weftline COMMAND --help` prints. */
export function helpText({ name, summary, operands, options }: Command): string {
  const given = [
    "weftline",
    name,
    ...operands,
    ...(Object.keys(options).length > 0 ? ["[OPTIONS]"] : []),
  ];
  return `Usage: ${given.join(" ")}

Will ${summary}.

Options:
${columns([...Object.entries(options).map(([option, entry]) => [spelling(option, entry), sentence(entry)] as const), ["--help", "print this"]])}`;
}

/** The options of a command as a table in Markdown, for `docs/reference/command.md`. */
export function markdownTable({ options }: Command): string {
  const rows = Object.entries(options).map(
    ([name, option]) => `| \`${cell(spelling(name, option))}\` | ${cell(sentence(option))} |`,
  );
  return ["| option | |", "| --- | --- |", ...rows].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function spelling(name: string, { value }: Option): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

function sentence(option: Option): string {
  const repeat = option.multiple === true ? " (may be repeated)" : "";
  const without = option.default === undefined ? "" : `; default ${option.default}`;
  return `${option.help}${repeat}${without}`;
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const margin = " ".repeat(INDENT);
  return rows
    .map(([left, right]) => {
      const text = right.replace(TOO_LONG, `${margin}$1\n`).trimEnd();
      return left.length + 4 > INDENT
        ? `  ${left}\n${text}`
        : `  ${left}`.padEnd(INDENT) + text.slice(INDENT);
    })
    .join("\n");
}
