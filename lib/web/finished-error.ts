/** Something was done to a response after its own `finish`: a mistake of the program, without effect on the wire. */
export class FinishedError extends Error {
  override readonly name = "FinishedError";

  constructor(call: string) {
    super(`${call}: the request is already finished`);
  }
}
