/** Someone broke HTTP. `blame` says who: the peer, whose message is answered with `status`, or we ourselves. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly blame: "remote" | "local";
  /** What to answer with, where the blame is remote. */
  readonly status: number;

  constructor(
    blame: "remote" | "local",
    message: string,
    status: number = blame === "remote" ? 400 : 500,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.blame = blame;
    this.status = status;
  }
}
