import { Redirect } from "../resources/redirect.ts";
import { HttpServer } from "./http-server.ts";
import { REDIRECT_PERMANENT } from "./redirect-servlet.ts";

/**
 * A whole mount that is elsewhere: the rest of the path is appended to the location, and the query kept. netsvc's `RedirectServer`.
 *
 * A rest that would lead to another host is not found.
 */
export class RedirectServer extends HttpServer {
  readonly #redirect: Redirect;

  /** As `RedirectServlet`; a location with a query or a fragment throws a TypeError. */
  constructor(location: string, status: number = REDIRECT_PERMANENT) {
    super();
    this.#redirect = new Redirect(location, status, { keepRest: true });
  }

  override servlet(): Redirect {
    return this.#redirect;
  }
}
