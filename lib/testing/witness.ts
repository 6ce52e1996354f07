import { inspect } from "node:util";
import { DeferredLock } from "../defer/deferred-lock.ts";
import { DeferredSemaphore } from "../defer/deferred-semaphore.ts";
import { type Reporter, setReporter } from "../defer/report.ts";
import { Request } from "../web/request.ts";
import type { Site } from "../web/site.ts";
import { ExploredClock, ofScenario } from "./explored-clock.ts";
import type { FakeClock, PendingCall } from "./fake-clock.ts";
import { Leftovers } from "./leftovers.ts";
import { TestConnection } from "./test-connection.ts";

/** Sees all that goes wrong in a program while a scenario is played, and what of it is not over afterwards. */
export class Witness {
  readonly #leftovers = new Leftovers((thing) => {
    if (ofScenario.getStore() !== true) this.#others.add(thing);
  });
  /** What went wrong, in words. */
  readonly #wrongs: string[] = [];
  readonly #rejections = new Map<Promise<unknown>, unknown>();
  /** What the program starts of its own accord. */
  readonly #others = new WeakSet<object>();
  /** What it held before the scenario began, and the places from which it had asked for calls, for a clock that does not tell. */
  #held: ReadonlySet<object> = new Set();
  #places: ReadonlySet<string> = new Set();
  #listeners: NodeJS.UnhandledRejectionListener[] = [];
  #reporter: Reporter | undefined;

  /** From now on sees everything; nobody else in the process learns of an unhandled rejection. */
  begin(): void {
    this.#leftovers.begin();
    this.#reporter = setReporter((error, where) => {
      this.threw(error, where);
    });
    this.#listeners = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", (reason, promise) => this.#rejections.set(promise, reason));
  }

  /** Lets the others see again. */
  end(): void {
    process.removeAllListeners("unhandledRejection");
    for (const listener of this.#listeners) process.on("unhandledRejection", listener);
    setReporter(this.#reporter);
    this.#leftovers.end();
  }

  /** What there is now belongs to the site, not to a request. The log of the site goes to this witness. */
  standBy(site: Site, clock: FakeClock): void {
    this.#held = new Set(this.#leftovers.list().map(({ thing }) => thing));
    this.#places = new Set(clock.pending.map(({ place }) => place));
    const log = {
      debug: ignore,
      info: ignore,
      warn: ignore,
      error: ({ err }: { readonly err?: unknown }, message: string) => {
        this.threw(err, message);
      },
    };
    Reflect.set(site, "log", log);
  }

  /** Something was thrown that nobody caught. */
  threw(error: unknown, where: string): void {
    this.#wrongs.push(`${where}: ${errorInWords(error)}`);
  }

  /** Everything that is wrong now, in words. */
  verdict(site: Site, clock: FakeClock): readonly string[] {
    const { pending } = clock;
    const calls = pending.filter((call) => !this.#isOther(call, clock));
    const known = new Set<object>(pending);
    const left = this.#leftovers
      .list()
      .filter(({ thing }) => !known.has(thing) && this.#isLeft(thing));
    return [
      ...this.#wrongs,
      ...[...this.#rejections.values()].map(
        (reason) => `an unhandled rejection: ${errorInWords(reason)}`,
      ),
      ...calls.map(
        ({ time, place }) =>
          `left behind: a delayed call, which is due at ${time} ms; started at ${place}`,
      ),
      ...left.map(({ what, place }) => `left behind: ${what}; started at ${place}`),
      /* c8 ignore next -- only a fault of the toolkit's own would show it */
      ...(site.connections > 0 ? ["left behind: a connection, which the site keeps open"] : []),
    ];
  }

  /** The requests that were seen, held weakly. */
  requests(clock: FakeClock): readonly WeakRef<Request>[] {
    // Until it is read, a stack holds the objects in whose methods it was taken.
    for (const call of [...clock.pending, ...clock.housekeeping]) void call.stack;
    return this.#leftovers
      .seen()
      .flatMap((thing) => (thing instanceof Request ? [new WeakRef(thing)] : []));
  }

  #isOther(call: PendingCall, clock: FakeClock): boolean {
    return clock instanceof ExploredClock ? clock.isOther(call) : this.#places.has(call.place);
  }

  /** A lock is of the program, and yet must not be held for ever. */
  #isLeft(thing: object): boolean {
    if (thing instanceof TestConnection || this.#held.has(thing)) return false;
    const isLock = thing instanceof DeferredLock || thing instanceof DeferredSemaphore;
    return isLock || !this.#others.has(thing);
  }
}

function ignore(): void {
  // Only what is wrong is of interest.
}

/** An error with the line where it arose; of another value what it is. */
export function errorInWords(error: unknown): string {
  if (!(error instanceof Error)) return inspect(error);
  const frame = /\n\s*at (.*)/.exec(String(error.stack))?.[1];
  return `${error.name}: ${error.message}${frame === undefined ? "" : ` (at ${frame})`}`;
}
