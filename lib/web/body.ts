class Mark {
  readonly #name = "NOT_DONE_YET";

  toString(): string {
    return this.#name;
  }
}

/** The type of {@link NOT_DONE_YET}, and of nothing else. */
export type NotDoneYet = Mark;

/**
 * What a render method returns when it will answer later, by `request.write` and `request.finish`. Twisted's name.
 *
 * It says: do not finish for me. Who returns it owns the finish; `request.callLater`, `notifyFinish` and `signal` tell when there is nobody left to answer.
 */
export const NOT_DONE_YET: NotDoneYet = new Mark();

/** The body of a response: text (sent as UTF-8), bytes, or pieces of either as they come, pulled no faster than the client reads. */
export type Body =
  | string
  | Uint8Array
  | AsyncIterable<string | Uint8Array>
  | ReadableStream<Uint8Array>;

/** What a render method returns. */
export type Rendered = Body | NotDoneYet | Promise<Body | NotDoneYet>;

/** The text of a body in pieces that has it as `whole`, because nothing has to be waited for: such as a page by `html`. It is sent with its length. */
export function wholeOf(body: object): string | undefined {
  return "whole" in body && typeof body.whole === "string" ? body.whole : undefined;
}
