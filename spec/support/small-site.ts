import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { TestClient, type TestClientOptions } from "../../lib/testing/test-client.ts";
import type { AccessRecord } from "../../lib/web/access-log.ts";
import type { Rendered } from "../../lib/web/body.ts";
import type { Logger } from "../../lib/web/log.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";
import { Site, type SiteOptions } from "../../lib/web/site.ts";

/** A line that went to a log. */
export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly about: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A site of one leaf, its client, its clock, and what it wrote to its logs. */
export interface SmallSite {
  readonly site: Site;
  readonly client: TestClient;
  readonly clock: FakeClock;
  /** Each request that was rendered, in order. */
  readonly requests: Request[];
  readonly lines: LogLine[];
  readonly records: AccessRecord[];
  /** Messages of the levels that somebody reads. */
  readonly troubles: () => string[];
}

/** Renders everything by `render`, whatever the path and the method. It may return what no program with types would. */
export function leaf(render: (request: Request) => unknown): Resource {
  return new (class extends Resource {
    override isLeaf = true;
    override render(request: Request): Rendered {
      return render(request) as Rendered;
    }
  })();
}

export function smallSite(
  render: (request: Request) => unknown,
  options: SiteOptions = {},
  clientOptions: TestClientOptions = {},
): SmallSite {
  const clock = new FakeClock();
  const lines: LogLine[] = [];
  const records: AccessRecord[] = [];
  const requests: Request[] = [];
  const root = leaf((request) => {
    requests.push(request);
    return render(request);
  });
  const accessLog = (record: AccessRecord): unknown => records.push(record);
  const site = new Site(root, { clock, log: logInto(lines), accessLog, ...options });
  return {
    site,
    client: new TestClient(site, clientOptions),
    clock,
    requests,
    lines,
    records,
    troubles: () => lines.filter(({ level }) => level !== "debug").map(({ message }) => message),
  };
}

/** A log that keeps its lines. */
export function logInto(lines: LogLine[]): Logger {
  const keep =
    (level: LogLine["level"]) =>
    (about: object, message: string): void => {
      lines.push({ level, about: about as LogLine["about"], message });
    };
  return { debug: keep("debug"), info: keep("info"), warn: keep("warn"), error: keep("error") };
}

/** Gives promises, and a turn of the event loop, their chance. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
