// `npm start` serves all examples, `npm start -- NAME` one of them by itself; `npm start -- 8081` at another port than 8080.
import { type CloseReport, type Listener, Site } from "weftline";
import { loadExample, NAMES, treeOf } from "./index.ts";

const words = process.argv.slice(2);
const port = words.find((word) => /^\d+$/.test(word)) ?? "8080";
const name = words.find((word) => word !== port);
const sites: Site[] = [];

if (name === undefined) await serveAll();
else {
  const { root, options } = await loadExample(name);
  console.log(`${name}: ${(await listen(new Site(root, options), port)).url}`);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void close());

async function serveAll(): Promise<void> {
  const examples = await Promise.all(NAMES.map(loadExample));
  const ownSites = new Map<string, string>();
  for (const { name: own, root, options } of examples) {
    if (options === undefined) continue;
    ownSites.set(own, (await listen(new Site(root, options), "0")).url);
  }
  const { url } = await listen(new Site(treeOf(examples, ownSites)), port);
  console.log(`The examples: ${url}`);
}

async function listen(site: Site, at: string): Promise<Listener> {
  sites.push(site);
  return site.listen(`tcp:${at}:interface=127.0.0.1`);
}

async function close(): Promise<readonly CloseReport[]> {
  return Promise.all(sites.map((site) => site.close({ graceMs: 1_000 })));
}
