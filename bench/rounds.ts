import type { Contestant, Measurable, Sample, Workload } from "./measure/workload.ts";
import type { Peer } from "./peers.ts";
import type { Measured } from "./results.ts";

/**
 * Measures a workload: all contestants in each round, each round beginning with another one.
 *
 * So that what the machine does meanwhile falls on all of them alike. One that cannot be measured is left out, and said so.
 */
export async function measure(
  workload: Workload,
  peers: readonly Peer[],
  options: { readonly seconds: number; readonly rounds: number },
): Promise<Measured> {
  const open = new Map<string, Measurable>();
  const samples: Record<string, Sample[]> = {};
  try {
    for (const contestant of workload.contestants(peers)) {
      await attempt(contestant, async () => {
        open.set(contestant.name, await contestant.open());
        samples[contestant.name] = [];
      });
    }
    for (let round = 0; round < options.rounds; round += 1) {
      for (const [name, measurable] of rotated([...open], round)) {
        await attempt({ name }, async () => {
          samples[name]?.push(await measurable.sample(options.seconds));
        });
      }
    }
  } finally {
    for (const measurable of open.values()) await measurable.close();
  }
  const { name, title, metrics } = workload;
  return { name, title, metrics, samples: withoutEmpty(samples) };
}

async function attempt(
  { name }: Pick<Contestant, "name">,
  act: () => Promise<void>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    process.exitCode = 1;
    console.error(`  ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function rotated<T>(list: readonly T[], by: number): readonly T[] {
  const start = by % Math.max(1, list.length);
  return [...list.slice(start), ...list.slice(0, start)];
}

function withoutEmpty(samples: Record<string, Sample[]>): Record<string, readonly Sample[]> {
  return Object.fromEntries(Object.entries(samples).filter(([, own]) => own.length > 0));
}
