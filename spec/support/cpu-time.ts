/** Milliseconds of processor time that a call takes, at best of three: what else the machine does counts for little. */
export function cpuTime(call: () => void): number {
  return Math.min(...[call, call, call].map(once));
}

function once(call: () => void): number {
  const before = process.cpuUsage();
  call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
