// A response of as many MiB as are asked for, made in batches, no faster than the client takes it.
import { BLOCKED, CLEARED, type CongestionStatus, HttpServlet, IDLE_JOB } from "weftline/servlet";

const ROW = `${"x".repeat(1_023)}\n`;
const ROWS_IN_BATCH = 256;

export class Batch extends HttpServlet {
  readonly #job = this.createJob(() => this.#step());
  #left = Number(this.request.query.get("mib") ?? 1) * 1_024;

  override processRequest(): void {
    this.sendResponse(200);
    this.sendHeader("Content-Type", "text/plain");
    this.endHeaders();
    this.monitorCongestion((status) => this.#congested(status));
    this.#job.schedule(IDLE_JOB);
  }

  #step(): void {
    for (let row = 0; row < ROWS_IN_BATCH && this.#left > 0; row += 1) {
      this.sendContent(ROW);
      this.#left -= 1;
    }
    if (this.#left > 0) this.#job.schedule(IDLE_JOB);
    else this.endContent();
  }

  #congested(status: CongestionStatus): void {
    if (status === BLOCKED) this.#job.cancel();
    if (status === CLEARED) {
      this.#job.reset();
      this.#job.schedule(IDLE_JOB);
    }
  }
}
