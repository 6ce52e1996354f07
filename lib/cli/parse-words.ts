import { parseArgs } from "node:util";
import type { Command, Options } from "./command.ts";
import { type Failure, misuse } from "./failure.ts";
import { nearest } from "./nearest.ts";
import { Values } from "./values.ts";

/** What the words after the name of a command say. Throws a {@link Failure} that begins with that name. */
export function parseWords(
  command: Command,
  words: readonly string[],
): { values: Values; operands: readonly string[] } {
  const config = { args: [...words], options: expected(command.options), allowPositionals: true };
  const { tokens } = parseArgs({ ...config, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === "option" && !Object.hasOwn(config.options, token.name)) {
      throw unknown(command, token.rawName);
    }
  }
  try {
    const { values, positionals } = parseArgs({ ...config, strict: true });
    if (positionals.length !== command.operands.length) throw wrongOperands(command, positionals);
    return { values: new Values(values), operands: positionals };
  } catch (error) {
    throw isOfParser(error) ? misuse(`${command.name}: ${firstSentence(error.message)}`) : error;
  }
}

function expected(options: Options): Record<string, Pick<Options[string], "type" | "multiple">> {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type, multiple = false }]) => [name, { type, multiple }]),
  );
}

function unknown(command: Command, given: string): Failure {
  const close = nearest(given.replace(/^-+/, ""), Object.keys(command.options));
  const hint =
    close === undefined ? `see weftline ${command.name} --help` : `did you mean --${close}?`;
  return misuse(`${command.name}: there is no option ${given}; ${hint}`);
}

function wrongOperands({ name, operands }: Command, given: readonly string[]): Failure {
  const takes = operands.length === 0 ? "only options" : operands.join(" ");
  const got = given.length === 0 ? "nothing" : given.map((word) => `"${word}"`).join(" ");
  return misuse(`${name}: takes ${takes}, but was given ${got}; see weftline ${name} --help`);
}

function isOfParser(error: unknown): error is TypeError {
  return (
    error instanceof TypeError && String(Reflect.get(error, "code")).startsWith("ERR_PARSE_ARGS")
  );
}

/** parseArgs goes on with advice, sometimes on lines of its own. */
function firstSentence(message: string): string {
  return message.replace(/\.\s.*/s, "");
}
