import { renderBelow } from "../resources/render-below.ts";
import { NOT_DONE_YET, type Rendered } from "../web/body.ts";
import { HttpError } from "../web/http-error.ts";
import type { Request } from "../web/request.ts";
import { Resource } from "../web/resource.ts";
import { readLogin } from "./basic-login.ts";
import { HttpServlet } from "./http-servlet.ts";
import { resolvePath } from "./server-path.ts";

/** Who answers: a servlet, a resource with what is left of the path, or nobody, which is 404. */
export type Answerer = HttpServlet | Resource | undefined;

/** What makes the servlet for a request. */
export type ServletFactory = (request: Request) => Answerer | Promise<Answerer>;

/**
 * Maps requests to servlets: a resource that takes the rest of the path, to be mounted on an `HttpDaemon` or put anywhere in a tree. netsvc's `HttpServer`.
 *
 * Override {@link servlet}, or give a function. What comes of each request: found, authorised (401), a servlet made (404, or 500 where that throws), and then processed.
 */
export class HttpServer extends Resource {
  override isLeaf = true;
  /** What a browser shows when it asks for a password. netsvc's is empty. */
  realm = "this server";
  /** A servlet that has not ended its response after so long, in ms, is answered for: 503, or a reset once the head is out. 0: never. */
  responseDeadlineMs = 0;
  readonly #factory: ServletFactory | undefined;

  constructor(factory?: ServletFactory) {
    super();
    this.#factory = factory;
  }

  /** The servlet for a request; what follows the mount is in `request.postpath`. Called when the user is known to be allowed. Nothing is found unless it is overridden. */
  servlet(request: Request): Answerer | Promise<Answerer> {
    return this.#factory?.(request);
  }

  /**
   * Whether this user may have anything here. Asked for every request; both are empty where there is no Authorization field, so that it also decides about strangers.
   *
   * False is answered 401 with a Basic challenge; a throw is a no, and logged. What is malformed or of another scheme is 401 without asking (in netsvc 501). Compare
   * passwords in constant time. Everybody may unless it is overridden.
   */
  authorise(_login: string, _password: string): boolean | Promise<boolean> {
    return true;
  }

  override render(request: Request): Rendered {
    resolvePath(request);
    if (this.authorise === HttpServer.prototype.authorise) return this.#serve(request);
    const login = readLogin(request.headers.get("authorization"));
    if (login === undefined) throw this.#challenge();
    const allowed = this.#asks(login, request);
    if (allowed instanceof Promise) {
      return allowed.then((yes) => this.#admit(yes, login[0], request));
    }
    return this.#admit(allowed, login[0], request);
  }

  #admit(allowed: boolean, user: string, request: Request): Rendered {
    if (!allowed) throw this.#challenge();
    request.user = user;
    return this.#serve(request);
  }

  #asks([user, password]: readonly [string, string], request: Request): boolean | Promise<boolean> {
    const refuse = (error: unknown): boolean => {
      const { id, method, path } = request;
      request.site.log.error({ id, method, path, err: error }, "authorise failed, which is a no");
      return false;
    };
    try {
      const allowed = this.authorise(user, password);
      return allowed instanceof Promise ? allowed.catch(refuse) : allowed;
    } catch (error) {
      return refuse(error);
    }
  }

  #challenge(): HttpError {
    const realm = this.realm.replaceAll(/["\\]/g, String.raw`\$&`);
    const challenge = `Basic realm="${realm}", charset="UTF-8"`;
    return new HttpError(401, "", { headers: { "WWW-Authenticate": challenge } });
  }

  #serve(request: Request): Rendered {
    const made = this.servlet(request);
    if (made instanceof HttpServlet) return HttpServlet.serve(made, this.responseDeadlineMs);
    if (made instanceof Promise) return made.then((one) => this.#answer(one, request));
    return this.#answer(made, request);
  }

  #answer(made: Answerer, request: Request): Rendered {
    if (made === undefined) throw new HttpError(404);
    if (made instanceof HttpServlet) return HttpServlet.serve(made, this.responseDeadlineMs);
    // It may have been made while the client left.
    if (request.phase === "lost") return NOT_DONE_YET;
    return renderBelow(made, request);
  }
}
