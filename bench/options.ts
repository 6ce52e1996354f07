import { parseArgs } from "node:util";

/** What the command line asks for. */
export interface Options {
  /** Names of workloads, or the beginnings of such; empty: the usual set. */
  readonly only: readonly string[];
  /** Names of peers; empty: all that are installed. Weftline itself is always measured, unless `peers` names others and `alone` is set. */
  readonly peers: readonly string[];
  /** How long a server is loaded in one round. */
  readonly seconds: number;
  readonly rounds: number;
  /** Where the numbers go as JSON. */
  readonly json: string | undefined;
  /** Where numbers come from that were measured before, instead of a run. */
  readonly from: string | undefined;
  /** Numbers of further runs, to be shown beside these. */
  readonly again: readonly string[];
  readonly growth: boolean;
  readonly writeDocs: boolean;
  readonly list: boolean;
  readonly help: boolean;
}

export const USAGE = `npm run bench -- [options]

  --only hello,tree           the workloads; the beginning of a name chooses all that begin so
  --peers node-http,fastify   beside whom; default: all that are installed
  --seconds 3                 how long each server is loaded in a round
  --rounds 5                  rounds, alternating between the servers; medians are printed
  --json FILE                 write the numbers to FILE
  --growth                    measure how cost grows instead, and draw docs/reference/plots/*.svg
  --from FILE                 measure nothing, take the numbers of an earlier --json
  --again FILE,FILE           show the ratios of further runs (their --json) beside those of this one
  --write-docs                write the tables and plots into docs/reference/performance.md
  --list                      name the workloads and peers
  --help                      this
`;

/** Reads the arguments after the program's name. Throws a TypeError or RangeError that says what is wrong. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: "" },
      peers: { type: "string", default: "" },
      seconds: { type: "string", default: "3" },
      rounds: { type: "string", default: "5" },
      json: { type: "string" },
      from: { type: "string" },
      again: { type: "string", default: "" },
      growth: { type: "boolean", default: false },
      "write-docs": { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return {
    only: names(values.only),
    peers: names(values.peers),
    seconds: positive("--seconds", values.seconds),
    rounds: Math.ceil(positive("--rounds", values.rounds)),
    json: values.json,
    from: values.from,
    again: names(values.again),
    growth: values.growth,
    writeDocs: values["write-docs"],
    list: values.list,
    help: values.help,
  };
}

function names(list: string): string[] {
  return list.split(",").filter((name) => name !== "");
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1e6)) throw new RangeError(`${option} ${text}: not a number above 0`);
  return value;
}
