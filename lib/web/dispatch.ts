import { DisconnectedError } from "../channel/disconnected-error.ts";
import { creationObserver } from "../defer/creation.ts";
import { CancelledError } from "../defer/errors.ts";
import { ValidationError } from "../fields/standard-schema.ts";
import { ProtocolError } from "../http/protocol-error.ts";
import { type Body, NOT_DONE_YET, type NotDoneYet, type Rendered, wholeOf } from "./body.ts";
import { HttpError } from "./http-error.ts";
import type { Request } from "./request.ts";
import { NO_RESOURCE, type Resource, renders } from "./resource.ts";

// From a request to its resource, and from what that returns or throws to the one response there is. Nowhere else is an outcome turned into a response.

/** What an error comes to. */
export interface ErrorPages {
  /** The page for an answer of `status`; sets its Content-Type. `error` is what was thrown, where it is not an HttpError. */
  page(request: Request, status: number, message: string, error: unknown): string | Uint8Array;
  /** Something went wrong that is a mistake of the program. */
  log(request: Request, error: unknown, message: string): void;
}

/** Finds the resource for a request and has it answered, in this very call where no promise is involved. */
export function dispatch(root: Resource, request: Request, pages: ErrorPages): void {
  try {
    const resource = find(root, request);
    if (resource instanceof Promise) {
      void later(resource, request, pages, (found) => {
        answer(found, request, pages);
      });
    } else {
      settle(request, resource.render(request), pages);
    }
  } catch (error) {
    explain(request, error, pages);
  }
}

/** The resource that the path leads to. Takes segments off `request.postpath` on the way. */
export function find(resource: Resource, request: Request): Resource | Promise<Resource> {
  let here = resource;
  while (!here.isLeaf) {
    const name = request.descend();
    if (name === undefined) return here;
    const child = here.getChildWithDefault(name, request);
    if (child instanceof Promise) {
      return child.then((found) => find(orItself(found, here, name), request));
    }
    const next = orItself(child, here, name);
    if (next === here) return here;
    here = next;
  }
  return here;
}

/** Behind a trailing slash, a resource that has nothing special there answers for itself. */
function orItself(child: Resource, parent: Resource, name: string): Resource {
  return child === NO_RESOURCE && name === "" && renders(parent) ? parent : child;
}

/** Goes on when the promise has settled; what fails on the way, or in `go`, is explained. */
async function later<T>(
  promise: Promise<T>,
  request: Request,
  pages: ErrorPages,
  go: (value: T) => void,
): Promise<void> {
  creationObserver?.(promise);
  try {
    go(await promise);
  } catch (error) {
    explain(request, error, pages);
  }
}

function answer(resource: Resource, request: Request, pages: ErrorPages): void {
  if (request.phase === "lost") return;
  settle(request, resource.render(request), pages);
}

function settle(request: Request, rendered: Rendered, pages: ErrorPages): void {
  if (typeof rendered === "string" || rendered instanceof Uint8Array) send(request, rendered);
  else if (rendered === NOT_DONE_YET) return;
  else if (rendered instanceof Promise) {
    void later(rendered, request, pages, (body) => {
      settle(request, body, pages);
    });
  } else if (isIterable(rendered)) {
    const whole = wholeOf(rendered);
    if (whole !== undefined) return send(request, whole);
    const pumping = pump(request, rendered);
    creationObserver?.(pumping);
    pumping.catch((error: unknown) => {
      explain(request, error, pages);
    });
  } else if (isThenable(rendered)) settle(request, Promise.resolve(rendered), pages);
  else refuse(request);
}

/** One that was written and finished by hand, and then returned nothing, has been answered. */
function refuse(request: Request): void {
  if (request.phase === "finished" || request.phase === "lost") return;
  throw new TypeError(
    `${request.method} was rendered to something that is not a body: return one, a promise of one, or NOT_DONE_YET`,
  );
}

/** The body that was returned ends the response. */
function send(request: Request, body: string | Uint8Array): void {
  switch (request.phase) {
    case "open":
      return request.answer(body);
    case "started":
      request.write(body);
      return request.finish();
    case "finished":
      return request.finish();
    case "lost":
      return;
    default:
      request.phase satisfies never;
  }
}

/** Such as a Deferred. */
function isThenable(value: unknown): value is PromiseLike<Body | NotDoneYet> {
  return typeof value === "object" && value !== null && "then" in value;
}

function isIterable(body: unknown): body is AsyncIterable<string | Uint8Array> {
  return typeof body === "object" && body !== null && Symbol.asyncIterator in body;
}

/** Sends pieces as they come, no faster than the client takes them; a client that leaves ends the iteration where it waits. */
async function pump(request: Request, body: Exclude<Body, string | Uint8Array>): Promise<void> {
  const iterator = (body as AsyncIterable<string | Uint8Array>)[Symbol.asyncIterator]();
  let stopped = false;
  const stop = (): void => {
    stopped = true;
    iterator.return?.().catch((error: unknown) => {
      if (!(error instanceof DisconnectedError)) request.site.failed(request, error);
    });
  };
  const leaving = request.onDisconnect(stop);
  for (;;) {
    if (stopped) return;
    const step = await iterator.next();
    if (stopped) return;
    if (step.done === true) {
      leaving[Symbol.dispose]();
      return request.finish();
    }
    try {
      if (!request.write(step.value)) await request.drained();
    } catch (error) {
      // It may have been answered by other means, or this was not a piece of a body.
      leaving[Symbol.dispose]();
      stop();
      throw error;
    }
  }
}

/** Turns what was thrown into an answer: the one it asks for, else 500; a response that has begun is broken off. */
export function explain(request: Request, error: unknown, pages: ErrorPages): void {
  if (request.phase === "lost" && (isOfLeaving(error) || asAnswer(error) !== undefined)) return;
  if (request.phase === "lost" || request.phase === "finished") {
    return pages.log(request, error, "an error after the request was over");
  }
  if (request.phase === "started") {
    pages.log(request, error, "an error in the middle of a response: it was broken off");
    return request.abort();
  }
  explainOpen(request, error, pages);
}

function explainOpen(request: Request, error: unknown, pages: ErrorPages): void {
  request.startOver();
  try {
    const said = asAnswer(error);
    if (said === undefined) pages.log(request, error, "an error in a resource");
    const status = said?.status ?? 500;
    request.setResponseCode(status);
    for (const [name, value] of Object.entries(said?.headers ?? {})) request.setHeader(name, value);
    const page = pages.page(
      request,
      status,
      said?.message ?? "",
      said === undefined ? error : undefined,
    );
    request.answer(page);
  } catch (second) {
    pages.log(request, second, "an error in the answer to an error");
    if (request.phase !== "open") return request.abort();
    request.startOver();
    request.setResponseCode(500);
    request.answer("");
  }
}

/** What is rejected because the client has left: its wait was called off, or told so. */
function isOfLeaving(error: unknown): boolean {
  return error instanceof DisconnectedError || error instanceof CancelledError;
}

interface Answer {
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the error asks to be answered; undefined for a mistake of the program. */
function asAnswer(error: unknown): Answer | undefined {
  if (error instanceof HttpError || error instanceof ValidationError) return error;
  if (error instanceof ProtocolError && error.blame === "remote") {
    return { status: error.status, message: error.message };
  }
  return undefined;
}
