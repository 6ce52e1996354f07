import { Redirect } from "../resources/redirect.ts";
import type { Request } from "../web/request.ts";
import { HttpServlet } from "./http-servlet.ts";

/** It is elsewhere for now (302). */
export const REDIRECT_TEMPORARY = 302;
/** It is elsewhere for good (301). */
export const REDIRECT_PERMANENT = 301;

/**
 * Sends the client elsewhere. netsvc's `RedirectServlet`.
 *
 * Deviation: a path stays a path in the Location field, since the name of the host is only what the client says.
 */
export class RedirectServlet extends HttpServlet {
  readonly #redirect: Redirect;

  /** Throws a RangeError for another status than 301, 302, 303, 307 and 308, and a TypeError for a location that is neither a path nor an http or https URL. */
  constructor(request: Request, location: string, status: number = REDIRECT_TEMPORARY) {
    super(request);
    this.#redirect = new Redirect(location, status);
  }

  override processRequest(): void {
    this.delegate(this.#redirect);
  }
}
