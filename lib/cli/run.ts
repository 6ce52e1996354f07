import type { Command } from "./command.ts";
import { Failure, misuse } from "./failure.ts";
import { helpText, overview } from "./help.ts";
import { init } from "./init.ts";
import { nearest } from "./nearest.ts";
import { parseWords } from "./parse-words.ts";
import type { Terminal } from "./terminal.ts";
import { version } from "./version.ts";
import { web } from "./web.ts";

/** All that can follow `weftline`, as in the help text. */
export const COMMANDS: readonly Command[] = [web, init];

/**
 * Does what the words after `weftline` say. Gives the exit code: 0; 1 where it failed; 2 where it was asked in a wrong way.
 *
 * What was asked and cannot be done is one line on standard error. What else goes wrong is thrown.
 */
export async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(words, terminal);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    terminal.warn(`weftline ${error.message}`);
    return error.exitCode;
  }
}

async function dispatch([word, ...rest]: readonly string[], terminal: Terminal): Promise<number> {
  if (word === undefined) {
    terminal.warn(overview(COMMANDS));
    return 2;
  }
  if (["--help", "-h", "help"].includes(word)) {
    terminal.print(overview(COMMANDS));
    return 0;
  }
  if (["--version", "-V"].includes(word)) {
    terminal.print(version());
    return 0;
  }
  return runCommand(named(word), rest, terminal);
}

function named(word: string): Command {
  const command = COMMANDS.find(({ name }) => name === word);
  if (command !== undefined) return command;
  const close = nearest(
    word,
    COMMANDS.map(({ name }) => name),
  );
  const hint = close === undefined ? "see weftline --help" : `did you mean ${close}?`;
  throw misuse(`has no command ${word}; ${hint}`);
}

function runCommand(
  command: Command,
  words: readonly string[],
  terminal: Terminal,
): Promise<number> {
  if (words.includes("--help") || words.includes("-h")) {
    terminal.print(helpText(command));
    return Promise.resolve(0);
  }
  const { values, operands } = parseWords(command, words);
  return command.run(values, operands, terminal);
}
