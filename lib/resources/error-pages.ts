import type { Rendered } from "../web/body.ts";
import { HttpError } from "../web/http-error.ts";
import { Resource } from "../web/resource.ts";

/** Answers whatever is asked of it, at any depth below it, with one error, which looks like all errors of the site. */
class ErrorPageResource extends Resource {
  override isLeaf = true;
  readonly #status: number;
  readonly #message: string;

  constructor(status: number, message: string) {
    super();
    // Whether it is the status of an error shows here, and not when somebody asks.
    ({ status: this.#status, message: this.#message } = new HttpError(status, message));
  }

  override render(): Rendered {
    throw new HttpError(this.#status, this.#message);
  }
}

/**
 * A resource that answers `status` (400 to 599, else a RangeError) and shows `message`, escaped; without one the standard phrase.
 *
 * It is its own child. Twisted's `pages.errorPage`.
 */
export function errorPage(status: number, message = ""): Resource {
  return new ErrorPageResource(status, message);
}

/** A resource that is not there: 404. As {@link errorPage}. */
export function notFound(message = ""): Resource {
  return errorPage(404, message);
}

/** A resource that nobody may have: 403. As {@link errorPage}. */
export function forbidden(message = ""): Resource {
  return errorPage(403, message);
}
