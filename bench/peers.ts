import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtApp } from "./build.ts";
import { installed } from "./cores.ts";
import { scratch } from "./scratch.ts";

/** Something that serves the reference app, or a part of it. */
export interface Peer {
  readonly name: string;
  /** The command that serves it on 127.0.0.1:`port`, in the foreground. */
  command(port: number, staticDirectory: string): readonly string[];
  /** The beginnings of the names of the workloads that it serves; undefined: all. */
  readonly serves?: readonly string[];
  readonly installed: boolean;
}

const FOLDER = join(import.meta.dirname, "peers");
const ROOT = join(import.meta.dirname, "..");

/** How Node runs our TypeScript: with the types blanked out, and `weftline` meaning the sources. */
export const TYPESCRIPT: readonly string[] = [
  process.execPath,
  "--import",
  join(ROOT, "spec/support/strip-types.mjs"),
  "--conditions=weftline-source",
];

function node(name: string, file: string): Peer {
  return {
    name,
    command: (port) => [process.execPath, join(FOLDER, file), String(port)],
    installed: true,
  };
}

/** The floor below everything that is built on `node:net`. */
const bareNet: Peer = {
  ...node("bare-net", "bare-net.mjs"),
  serves: ["hello", "browser", "user", "tree", "echo"],
};

const weftline: Peer = {
  name: "weftline",
  command: (port) => builtApp("weftline", port),
  installed: true,
};

const twisted: Peer = {
  name: "twisted",
  command: (port) => ["python3", join(FOLDER, "twisted_web.py"), String(port)],
  installed: spawnSync("python3", ["-c", "import twisted.web"], { stdio: "ignore" }).status === 0,
};

const nginx: Peer = {
  name: "nginx",
  command: (port, staticDirectory) => {
    const directory = mkdtempSync(join(scratch, "nginx-"));
    const file = join(directory, "nginx.conf");
    const template = readFileSync(join(FOLDER, "nginx.conf"), "utf8");
    const filled = template
      .replaceAll("DIRECTORY", directory)
      .replaceAll("PORT", String(port))
      .replaceAll("STATIC", staticDirectory);
    writeFileSync(file, filled);
    return ["nginx", "-e", "stderr", "-p", directory, "-c", file];
  },
  serves: ["hello", "browser", "pipelined", "static", "start"],
  installed: installed("nginx"),
};

/** Everyone, Weftline first. */
export const PEERS: readonly Peer[] = [
  weftline,
  node("node-http", "node-http.mjs"),
  node("fastify", "fastify.mjs"),
  node("hono", "hono.mjs"),
  node("koa", "koa.mjs"),
  node("express", "express.mjs"),
  twisted,
  nginx,
  bareNet,
];

/** Those named that are installed, or all that are. Throws a RangeError for a name that is nobody's. */
export function choosePeers(names: readonly string[]): readonly Peer[] {
  for (const name of names) {
    if (!PEERS.some((peer) => peer.name === name)) throw new RangeError(`no peer ${name}`);
  }
  const chosen = (peer: Peer): boolean =>
    names.length === 0 || names.includes(peer.name) || peer === weftline;
  return PEERS.filter((peer) => peer.installed && chosen(peer));
}

export function serves(peer: Peer, workload: string): boolean {
  return peer.serves?.some((name) => workload.startsWith(name)) ?? true;
}

/** Installs the peers' packages, once. */
export function installPeers(): void {
  if (existsSync(join(FOLDER, "node_modules"))) return;
  console.log("installing the peers' packages (bench/peers)");
  const { status } = spawnSync("npm", ["ci", "--prefix", FOLDER], { stdio: "inherit" });
  if (status !== 0) throw new Error("npm ci failed in bench/peers");
}
