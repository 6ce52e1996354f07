// Something done over and over inside one process of its own, without sockets.
import { output } from "../load/run-load.ts";
import { TYPESCRIPT } from "../peers.ts";
import type { Contestant, Metric, Workload } from "./workload.ts";

/** What a program under `loops/` prints. */
export interface LoopResult {
  readonly turns: number;
  readonly cpuSeconds: number;
}

const METRICS: readonly Metric[] = [
  { key: "cpuUs", title: "CPU µs", better: "less", digits: 3 },
  { key: "rate", title: "per CPU second", better: "more", digits: 0 },
];

/** Contestants are programs: `file` and, after a space, its arguments, relative to `bench/`. */
export function loopWorkload(
  name: string,
  title: string,
  programs: Readonly<Record<string, string>>,
): Workload {
  const all = Object.entries(programs).map(([contestant, program]) => loop(contestant, program));
  return { name, title, metrics: METRICS, contestants: () => all };
}

function loop(name: string, program: string): Contestant {
  const [file = "", ...args] = program.split(" ");
  const path = new URL(`../${file}`, import.meta.url).pathname;
  return {
    name,
    open: () =>
      Promise.resolve({
        async sample(seconds) {
          const printed = await output([...TYPESCRIPT, path, ...args, `--seconds=${seconds}`]);
          const { turns, cpuSeconds }: LoopResult = JSON.parse(printed);
          return { cpuUs: (cpuSeconds / turns) * 1e6, rate: turns / cpuSeconds };
        },
        close: () => Promise.resolve(),
      }),
  };
}
