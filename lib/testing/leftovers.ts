import { Server } from "node:net";
import { QueuedCall } from "../defer/call-queue.ts";
import { observeCreation } from "../defer/creation.ts";
import { Deferred } from "../defer/deferred.ts";
import { DeferredLock } from "../defer/deferred-lock.ts";
import { DeferredSemaphore } from "../defer/deferred-semaphore.ts";
import { Place } from "../defer/place.ts";
import { Request } from "../web/request.ts";
import { RecordedRequest } from "./recorded-request.ts";
import { TestConnection } from "./test-connection.ts";

/** Something that was started and is not over. */
export interface Leftover {
  /** The thing itself. */
  readonly thing: object;
  /** What it is, in words. */
  readonly what: string;
  /** `path/file.ts:12:5`, where it was started. */
  readonly place: string;
  /** Ends it, so that it disturbs nobody else. */
  end(): void;
}

interface Started {
  readonly thing: object;
  readonly place: Place;
  /** Of a promise: whether it has settled. */
  settled: boolean;
}

/** One kind of thing: what it is as long as it is not over, and how to end it. */
interface Kind {
  /** Undefined for a thing of another kind, and for one that is over. */
  what(thing: object): string | undefined;
  end(thing: object): void;
}

/** Things that are looked through for ended ones when there are so many, and again at each doubling. */
const FIRST_LOOK = 1_000;
/** Frames of a stack that are looked at: a request stands some twenty below the line that made it. */
const FRAMES = 50;
/** The constructor of a Deferred, called by the toolkit itself. */
const MADE_BY_TOOLKIT = new RegExp(
  String.raw`^ *at new Deferred \(.*\n.*${escaped(new URL("../", import.meta.url).href)}`,
  "m",
);

const KINDS: readonly Kind[] = [
  kind(
    Request,
    (request) => isUnanswered(request),
    ({ method, uri }) => `the request ${method} ${uri}, which was not answered to its end`,
    (request) => request.abort(),
  ),
  kind(
    TestConnection,
    ({ closed }) => !closed,
    () => "a connection, which is open",
    (connection) => connection.reset(),
  ),
  kind(
    QueuedCall,
    ({ active }) => active,
    ({ time }) => `a delayed call, which is due at ${time} ms`,
    (call) => call.cancel(),
  ),
  kind(
    Server,
    ({ listening }) => listening,
    (server) => `a listener, which is open at ${JSON.stringify(server.address())}`,
    (server) => server.close(),
  ),
  kind(
    DeferredLock,
    ({ locked }) => locked,
    () => "a DeferredLock, which is held",
    (lock) => lock.release(),
  ),
  kind(
    DeferredSemaphore,
    ({ tokens, limit }) => tokens < limit,
    ({ tokens, limit }) => `a DeferredSemaphore, of which ${limit - tokens} are held`,
    (semaphore) => semaphore.release(),
  ),
  kind(
    Promise,
    () => true,
    () => "a promise that a render method returned, which has not settled",
    () => undefined,
  ),
  kind(
    Deferred,
    ({ called }) => !called,
    () => "a Deferred, which was neither fired nor cancelled",
    (deferred) => deferred.addErrback(() => undefined).cancel(),
  ),
];

/** What a program starts from one moment to another, and what of it is not over. */
export class Leftovers {
  #started: Started[] = [];
  #look = FIRST_LOOK;
  #previous: ReturnType<typeof observeCreation> = undefined;
  readonly #noted: (thing: object) => void;

  /** `noted` is told of each thing as it is started. */
  constructor(noted: (thing: object) => void = () => undefined) {
    this.#noted = noted;
  }

  /** From now on notes each thing that is started: delayed calls of `systemClock`, Deferreds, locks, requests, listeners, connections. */
  begin(): void {
    this.#started = [];
    this.#look = FIRST_LOOK;
    this.#previous = observeCreation((thing) => this.#note(thing));
  }

  /** Notes nothing more, and forgets what was noted. */
  end(): void {
    this.#started = [];
    observeCreation(this.#previous);
    this.#previous = undefined;
  }

  /**
   * What is not over now, in the order in which it was started.
   *
   * A Deferred that the toolkit made is left out: what it stands for (a call, a lock) is looked at itself. So is a connection that
   * was opened in the same place as a request that is there already.
   */
  list(): readonly Leftover[] {
    const found = this.#started.flatMap((started) => leftover(started) ?? []);
    const requests = new Set(
      found.filter(({ thing }) => thing instanceof Request).map(({ place }) => place),
    );
    return found.filter(
      ({ thing, place }) => !(thing instanceof TestConnection && requests.has(place)),
    );
  }

  /** Everything that was noted and is not forgotten since it is over. */
  seen(): readonly object[] {
    return this.#started.map(({ thing }) => thing);
  }

  #note(thing: object): void {
    if (this.#started.length >= this.#look) {
      this.#started = this.#started.filter((one) => stateOf(one) !== undefined);
      this.#look = Math.max(FIRST_LOOK, 2 * this.#started.length);
    }
    this.#noted(thing);
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = FRAMES;
    const started = { thing, place: new Place(), settled: false };
    Error.stackTraceLimit = limit;
    this.#started.push(started);
    if (thing instanceof Promise) watch(thing, started);
  }
}

function kind<T extends object>(
  type: abstract new (...args: never[]) => T,
  lasts: (thing: T) => boolean,
  what: (thing: T) => string,
  end: (thing: T) => unknown,
): Kind {
  return {
    what: (thing) => (thing instanceof type && lasts(thing) ? what(thing) : undefined),
    end: (thing) => {
      if (thing instanceof type) end(thing);
    },
  };
}

/** One that no client has sent need not be answered. */
function isUnanswered(request: Request): boolean {
  if (request instanceof RecordedRequest) return false;
  return request.phase === "open" || request.phase === "started";
}

/** What it is and how to end it; undefined for a thing that is over. */
function stateOf({ thing, settled }: Started): { what: string; kind: Kind } | undefined {
  for (const one of settled ? [] : KINDS) {
    const what = one.what(thing);
    if (what !== undefined) return { what, kind: one };
  }
  return undefined;
}

function watch(promise: Promise<unknown>, started: Started): void {
  const settle = (): void => {
    started.settled = true;
  };
  promise.then(settle, settle);
}

function leftover(started: Started): Leftover | undefined {
  const { thing, place } = started;
  const state = stateOf(started);
  if (state === undefined) return undefined;
  if (thing instanceof Deferred && MADE_BY_TOOLKIT.test(place.stack)) return undefined;
  return {
    thing,
    what: state.what,
    place: String(place),
    end: () => {
      state.kind.end(thing);
    },
  };
}

/** Text as a regular expression that matches it. */
function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
