// What a process has used, as Linux tells it in /proc.
import { readdirSync, readFileSync } from "node:fs";

/** Nanoseconds of CPU time, user and system, of all threads that are there. */
function scheduledNs(pid: number): number {
  let total = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [running] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ");
    total += Number(running);
  }
  return total;
}

/** Seconds of CPU time, from the 14th and 15th field of `stat`: exact, but in ticks of 10 ms. */
function tickedSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Seconds of CPU time that a process has used so far. By `schedstat` (to the nanosecond) where the kernel keeps it, else by `stat`. */
export function cpuSeconds(pid: number): number {
  let ns = 0;
  try {
    ns = scheduledNs(pid);
  } catch {
    ns = 0; // a thread that ended between the listing and the reading, or a kernel without schedstat
  }
  return ns > 0 ? ns / 1e9 : tickedSeconds(pid);
}

function statusKiB(pid: number, name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB`, "m");
  const found = line.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
  if (found === null) throw new Error(`/proc/${pid}/status has no ${name}`);
  return Number(found[1]);
}

/** Bytes of memory in use now. */
export function residentBytes(pid: number): number {
  return statusKiB(pid, "VmRSS") * 1024;
}

/** Bytes of memory in use at the worst moment so far. */
export function peakBytes(pid: number): number {
  return statusKiB(pid, "VmHWM") * 1024;
}

/** How many files and sockets a process may have open. */
export function descriptorLimit(pid: number): number {
  const found = /^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, "latin1"));
  return found === null ? 1024 : Number(found[1]);
}
