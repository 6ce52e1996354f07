import type { Headers } from "../http/headers.ts";
import type { Rendered } from "../web/body.ts";
import { isOrigin } from "../web/cross-origin.ts";
import { find } from "../web/dispatch.ts";
import { HttpError } from "../web/http-error.ts";
import type { Request } from "../web/request.ts";
import { allowedMethods, Resource } from "../web/resource.ts";
import { renderBelow } from "./render-below.ts";
import { AmendedExchange, addVary } from "./wrapped-exchange.ts";

/** How a {@link Cors} is made. */
export interface CorsOptions {
  /**
   * Whose pages may read the answers: all (`"*"`), these (each as browsers send it, `https://example.org`), or those that a function accepts; it is asked with the Origin field as sent.
   */
  readonly origins: "*" | readonly string[] | ((origin: string, request: Request) => boolean);
  /** Whether pages may do so in the name of the visitor, by cookies and the like. False; impossible with all origins. */
  readonly credentials?: boolean;
  /** Methods that pages may use. Those that the resource asked for has. */
  readonly methods?: readonly string[];
  /** Request fields that pages may send beyond the simple ones. Those that they ask for. */
  readonly allowedHeaders?: readonly string[];
  /** Response fields that pages may see beyond the simple ones. None. */
  readonly exposedHeaders?: readonly string[];
  /** How long a browser may remember what it may do, in ms; sent in whole seconds. The browser's own: 5 s (Fetch standard, section 4.8). */
  readonly maxAgeMs?: number;
}

/**
 * Around any resource: lets pages of other origins read what is answered below it, pages of errors included. The CORS protocol of the Fetch standard.
 *
 * A browser that asks beforehand (a preflight) is answered 204; nothing is rendered for it, the resource is only looked up, for its methods. One that renders by itself, such as a guard, does not tell
 * them: then the method asked for is allowed, and it is for the resource to refuse it. It belongs around a `Guard`, since browsers ask beforehand without credentials.
 *
 * It protects nothing: it loosens what browsers do by themselves. An origin that may not is answered like any other client, without the fields.
 */
export class Cors extends Resource {
  override isLeaf = true;
  readonly #wrapped: Resource;
  readonly #options: CorsOptions;
  readonly #accepts: (origin: string, request: Request) => boolean;

  /** Throws a TypeError for what is no origin, and for credentials with all origins. */
  constructor(wrapped: Resource, options: CorsOptions) {
    super();
    this.#wrapped = wrapped;
    this.#options = options;
    const { origins, credentials = false, maxAgeMs = 0 } = options;
    if (origins === "*" && credentials) {
      throw new TypeError("credentials are for origins that are named");
    }
    if (!(maxAgeMs >= 0)) throw new RangeError(`${maxAgeMs} is no time to remember something`);
    this.#accepts = acceptance(origins);
  }

  override render(request: Request): Rendered {
    const origin = request.headers.get("origin");
    const allowed = this.#allowed(origin, request);
    const isPreflight =
      request.method === "OPTIONS" &&
      origin !== null &&
      request.headers.has("access-control-request-method");
    request.wrapExchange(
      (exchange) =>
        new AmendedExchange(exchange, ({ headers }) => {
          this.#amend(headers, allowed);
          if (isPreflight) varyByQuestion(headers);
          else if (allowed !== undefined) this.#expose(headers);
        }),
    );
    return isPreflight ? this.#answer(request, allowed) : renderBelow(this.#wrapped, request);
  }

  /** What Access-Control-Allow-Origin is to be. */
  #allowed(origin: string | null, request: Request): string | undefined {
    if (this.#options.origins === "*") return "*";
    return origin !== null && this.#accepts(origin, request) ? origin : undefined;
  }

  /** On every answer. One that depends on Origin says so even to those who sent none. */
  #amend(headers: Headers, allowed: string | undefined): void {
    const { origins, credentials = false } = this.#options;
    if (origins !== "*") addVary(headers, "Origin");
    if (allowed === undefined) return;
    headers.set("Access-Control-Allow-Origin", allowed);
    if (credentials) headers.set("Access-Control-Allow-Credentials", "true");
  }

  #expose(headers: Headers): void {
    const { exposedHeaders = [] } = this.#options;
    if (exposedHeaders.length === 0) return;
    headers.set("Access-Control-Expose-Headers", exposedHeaders.join(", "));
  }

  #answer(request: Request, allowed: string | undefined): Rendered {
    request.setResponseCode(204);
    if (allowed === undefined) return "";
    const { methods } = this.#options;
    if (methods !== undefined) return this.#allow(request, methods);
    const found = methodsBelow(this.#wrapped, request);
    if (!(found instanceof Promise)) return this.#allow(request, found);
    return found.then((later) => this.#allow(request, later));
  }

  #allow(request: Request, methods: readonly string[]): string {
    if (request.phase === "lost") return "";
    const { allowedHeaders, maxAgeMs } = this.#options;
    const asked = request.headers.get("access-control-request-headers");
    const names = allowedHeaders?.join(", ") ?? asked;
    request.setHeader("Access-Control-Allow-Methods", methods.join(", "));
    if (names) request.setHeader("Access-Control-Allow-Headers", names);
    if (maxAgeMs !== undefined) {
      request.setHeader("Access-Control-Max-Age", String(Math.floor(maxAgeMs / 1_000)));
    }
    return "";
  }
}

function acceptance(
  origins: CorsOptions["origins"],
): (origin: string, request: Request) => boolean {
  if (typeof origins === "function") return origins;
  if (origins === "*") return () => true;
  for (const origin of origins) {
    if (!isOrigin(origin)) throw new TypeError(`${JSON.stringify(origin)} is not an origin`);
  }
  const named = new Set(origins);
  return (origin) => named.has(origin);
}

/** What the answer to a preflight depends on, for caches that keep it against the rules. */
function varyByQuestion(headers: Headers): void {
  addVary(headers, "Access-Control-Request-Method");
  addVary(headers, "Access-Control-Request-Headers");
}

/** The methods of the resource that the path leads to. */
function methodsBelow(
  wrapped: Resource,
  request: Request,
): readonly string[] | Promise<readonly string[]> {
  try {
    const found = find(wrapped, request);
    if (!(found instanceof Promise)) return methodsOf(found, request);
    return found.then(
      (later) => methodsOf(later, request),
      (error: unknown) => unknownMethods(error, request),
    );
  } catch (error) {
    return unknownMethods(error, request);
  }
}

function methodsOf(resource: Resource, request: Request): readonly string[] {
  const isTold = resource.render === Resource.prototype.render;
  return isTold ? allowedMethods(resource) : askedMethod(request);
}

/** A way that is refused, for want of credentials say, is refused again when the request itself comes. */
function unknownMethods(error: unknown, request: Request): readonly string[] {
  if (error instanceof HttpError) return askedMethod(request);
  throw error;
}

function askedMethod(request: Request): readonly string[] {
  const method = request.headers.get("access-control-request-method");
  return method !== null && TOKEN.test(method) ? [method] : [];
}

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;
