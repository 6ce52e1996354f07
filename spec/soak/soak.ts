import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../fuzz/random.ts";
import { AppProcess } from "../process/app-process.ts";
import { GoodClient } from "./good-client.ts";
import { RudeClient } from "./rude-client.ts";

/** What a soak measured. Memory in MiB. */
export interface SoakReport {
  readonly answers: number;
  readonly wrong: readonly string[];
  readonly rudenesses: number;
  /** The mean of each quarter of the time. */
  readonly quarters: readonly number[];
  readonly descriptorsBefore: number;
  readonly descriptorsAfter: number;
  /** Of `/stats` at the end. */
  readonly pending: number;
  readonly cancelled: number;
  readonly finished: number;
  /** What the server wrote to standard error. */
  readonly errors: string;
}

export interface SoakOptions {
  readonly seconds: number;
  readonly seed: number;
}

const GOOD_CLIENTS = 8;
const RUDE_CLIENTS = 16;
const SAMPLE_MS = 250;
const MIB = 1_048_576;
/** A client that has left is forgotten at the latest when its connection has lingered. */
const REST_MS = 10_000;

/** Serves good and rude clients for a while, and looks whether anything grows or stays behind. */
export async function soak({ seconds, seed }: SoakOptions): Promise<SoakReport> {
  const app = await AppProcess.start();
  try {
    await stats(app.port);
    const descriptorsBefore = app.descriptors;
    const deadline = performance.now() + seconds * 1_000;
    const isOver = (): boolean => performance.now() >= deadline;
    const good = clients(GOOD_CLIENTS, (at) => new GoodClient(app.port, new Random(seed + at)));
    const rude = clients(RUDE_CLIENTS, (at) => new RudeClient(app.port, new Random(seed - 1 - at)));
    const samples: number[] = [];
    await Promise.all(
      [...good, ...rude]
        .map(async (client) => client.run(isOver))
        .concat(sample(app, samples, isOver)),
    );
    const left = await rest(app, descriptorsBefore);
    return {
      answers: sum(good.map(({ answers }) => answers)),
      wrong: good.flatMap(({ wrong }) => wrong),
      rudenesses: sum(rude.map(({ count }) => count)),
      quarters: [0, 1, 2, 3].map((quarter) => meanOf(samples, quarter)),
      descriptorsBefore,
      descriptorsAfter: app.descriptors,
      ...left,
      errors: app.errors,
    };
  } finally {
    await app.stop();
  }
}

function clients<T>(count: number, make: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => make(at));
}

async function sample(app: AppProcess, into: number[], isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    // oxlint-disable-next-line no-await-in-loop -- a look now and then
    await sleep(SAMPLE_MS);
    into.push(app.residentBytes / MIB);
  }
}

interface Stats {
  readonly pending: number;
  readonly cancelled: number;
  readonly finished: number;
}

/** Until all is as it was before, or long enough. */
async function rest(app: AppProcess, descriptors: number): Promise<Stats> {
  const deadline = performance.now() + REST_MS;
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- it asks again
    const now = await stats(app.port);
    const isAsBefore = now.pending === 0 && app.descriptors <= descriptors;
    if (isAsBefore || performance.now() > deadline) return now;
    // oxlint-disable-next-line no-await-in-loop -- it asks again
    await sleep(SAMPLE_MS);
  }
}

async function stats(port: number): Promise<Stats> {
  const response = await fetch(`http://127.0.0.1:${port}/stats`, {
    headers: { Connection: "close" },
  });
  return (await response.json()) as Stats;
}

function meanOf(samples: readonly number[], quarter: number): number {
  const size = samples.length / 4;
  const part = samples.slice(Math.floor(quarter * size), Math.floor((quarter + 1) * size));
  return sum(part) / Math.max(part.length, 1);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
