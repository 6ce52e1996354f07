/**
 * An answer other than the one that was asked for: `throw new HttpError(403, "only owners may do this")`.
 *
 * Thrown or rejected by `render`, `getChild` or anything else of the request before the head is out, it is answered as it says.
 * The message is shown to the client, escaped; nothing is logged as an error.
 */
export class HttpError extends Error {
  override readonly name = "HttpError";
  /** 400 to 599. */
  readonly status: number;
  /** Sent with it, such as `Retry-After` or `WWW-Authenticate`. */
  readonly headers: Readonly<Record<string, string>>;

  /** Another status than 400 to 599 throws a RangeError. Without a message the standard phrase is shown. */
  constructor(
    status: number,
    message = "",
    options: ErrorOptions & { readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message, options);
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new RangeError(`${status} is not the status of an error`);
    }
    this.status = status;
    this.headers = options.headers ?? {};
  }
}
