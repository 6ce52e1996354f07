import { HttpError } from "../web/http-error.ts";
import type { Request } from "../web/request.ts";
import { HttpServlet } from "./http-servlet.ts";

/** Answers with the page of an error. netsvc's `ErrorServlet`; the message is escaped. */
export class ErrorServlet extends HttpServlet {
  readonly #error: HttpError;

  /** Another status than 400 to 599 throws a RangeError. */
  constructor(request: Request, status: number, message?: string) {
    super(request);
    this.#error = new HttpError(status, message);
  }

  override processRequest(): void {
    this.sendError(this.#error.status, this.#error.message);
  }
}
