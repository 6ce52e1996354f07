/**
 * HTTP was broken: by the peer ("remote"), or by us ("local").
 *
 * `status` is what a server answers: 400 unless said otherwise where the peer is to blame, and after that its connection carries
 * nothing more; 500 for a mistake of the program. The message never repeats bytes that the peer sent.
 */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly blame: "remote" | "local";
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
