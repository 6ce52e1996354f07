import type { Site } from "../web/site.ts";
import type { Ending } from "./endings.ts";
import { Failure, messageOf } from "./failure.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Listens at all of `endpoints`, says where, and serves until the process is to end. Gives the exit code.
 *
 * `ending` may have come already. Where one endpoint cannot be listened at, none is, and it rejects with a {@link Failure}. When the grace
 * is over, what is left is cut off and counted in a warning; that is no failure, since the grace is what it is for.
 */
export async function serve(
  site: Site,
  endpoints: readonly string[],
  ending: Promise<Ending>,
  terminal: Terminal,
): Promise<number> {
  const urls: string[] = [];
  for (const endpoint of endpoints) urls.push(await listen(site, endpoint));
  for (const url of urls) terminal.print(`Listening at ${url}`);
  const { graceMs, exitCode } = await ending;
  const { cut } = await site.close({ graceMs });
  if (cut > 0) terminal.warn(`warning: ${cut} requests were cut off after ${graceMs / 1000} s`);
  return exitCode;
}

async function listen(site: Site, endpoint: string): Promise<string> {
  try {
    return (await site.listen(endpoint)).url;
  } catch (error) {
    await site.close({ graceMs: 0 });
    throw new Failure(`web: ${messageOf(error)}`, 1, {
      cause: error,
    });
  }
}
