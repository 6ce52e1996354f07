import type { LoopResult } from "../measure/loop.ts";

const argument = process.argv.find((text) => text.startsWith("--seconds="));
const seconds = Number(argument?.slice("--seconds=".length) ?? 1);

/** The first part of the time does not count: the engine compiles. */
const WARM_PART = 0.3;
/** Turns between two looks at the clock. */
const BATCH = 50;

/** Does something for as long as `--seconds` says, and prints how often, and the CPU time that it took. What it gives is looked at, lest the engine leave it out. */
export async function repeat(turn: () => unknown): Promise<void> {
  await run(turn, seconds * WARM_PART);
  const before = process.cpuUsage();
  const turns = await run(turn, seconds);
  const { user, system } = process.cpuUsage(before);
  const result: LoopResult = { turns, cpuSeconds: (user + system) / 1e6 };
  console.log(JSON.stringify(result));
}

async function run(turn: () => unknown, forSeconds: number): Promise<number> {
  const end = performance.now() + forSeconds * 1000;
  let turns = 0;
  while (performance.now() < end) {
    for (let index = 0; index < BATCH; index += 1) {
      const given = turn();
      const value = given instanceof Promise ? await given : given;
      if (value === undefined) throw new Error("a turn gave nothing");
    }
    turns += BATCH;
  }
  return turns;
}
