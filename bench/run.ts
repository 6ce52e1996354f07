// `npm run bench`: measures Weftline beside others. README.md says how.
import { writeFileSync } from "node:fs";
import { buildWeftline } from "./build.ts";
import { writeDocuments } from "./documents.ts";
import { measureGrowth } from "./growth.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { choosePeers, installPeers, PEERS } from "./peers.ts";
import { type Measured, type Results, readResults, thisMachine } from "./results.ts";
import { measure } from "./rounds.ts";
import { runsTable, summaryTable, workloadTable } from "./table.ts";
import { chooseWorkloads, WORKLOADS } from "./workloads.ts";

async function main(options: Options): Promise<void> {
  if (options.help) return console.log(USAGE);
  if (options.list) return list();
  const results = options.from === undefined ? await run(options) : readResults(options.from);
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify(results, undefined, 1)}\n`);
  }
  const again = options.again.map(readResults);
  if (again.length > 0) {
    console.log(runsTable([results.workloads, ...again.map(({ workloads }) => workloads)]));
  }
  if (options.writeDocs || options.growth) writeDocuments(results, again, options.writeDocs);
}

function list(): void {
  for (const { name, title } of WORKLOADS) console.log(`${name.padEnd(14)}${title}`);
  for (const { name, installed } of PEERS) console.log(`${name}${installed ? "" : " (missing)"}`);
}

async function run(options: Options): Promise<Results> {
  const peers = choosePeers(options.peers);
  const workloads = options.growth ? [] : chooseWorkloads(options.only);
  installPeers();
  buildWeftline();
  const machine = thisMachine();
  console.log(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${machine.pinning}`);
  const measured: Measured[] = [];
  for (const workload of workloads) {
    console.log(`\n${workload.name}: ${workload.title}`);
    const one = await measure(workload, peers, options);
    console.log(workloadTable(one));
    measured.push(one);
  }
  if (measured.length > 1) console.log(`\n${summaryTable(measured)}`);
  const growth = options.growth ? await measureGrowth(options) : [];
  const { seconds, rounds } = options;
  return { machine, seconds, rounds, workloads: measured, growth };
}

try {
  await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
