import type { Terminal } from "./terminal.ts";
import type { Values } from "./values.ts";

/** One option of a command. */
export interface Option {
  readonly type: "string" | "boolean";
  /** What stands for its value in the help text, in capitals. A boolean has none. */
  readonly value?: string;
  /** It may be given more than once. */
  readonly multiple?: boolean;
  /** What holds where it is not given. For the text only: the command itself resolves it. */
  readonly default?: string;
  /** What it does, without a full stop. */
  readonly help: string;
}

/** The options of a command, by their names without the dashes, in the order of the help text. */
export type Options = Readonly<Record<string, Option>>;

/** A word that can follow `weftline`. */
export interface Command {
  readonly name: string;
  /** What it does, without a full stop. */
  readonly summary: string;
  /** What it takes beside options, each in capitals. All must be given. */
  readonly operands: readonly string[];
  readonly options: Options;
  /** Gives the exit code, when all is done. Rejects with a {@link Failure} where what was asked cannot be done. */
  run(values: Values, operands: readonly string[], terminal: Terminal): Promise<number>;
}
