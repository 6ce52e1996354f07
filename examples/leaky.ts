// Leaky: reports, one at a time, and two things that are left behind by a reader who leaves.
// Try: /
import { Deferred, DeferredLock, deferLater, type Request, Resource } from "weftline";

export class Reports extends Resource {
  readonly #printer = new DeferredLock();

  override async render_GET(request: Request) {
    const { clock, signal, site } = request;
    const warning = clock.callLater(10_000, () => site.log.warn({}, "a report takes long"));
    await this.#printer.acquire();
    await Deferred.from(deferLater(clock, 2_000), { signal }); // rejects when the reader leaves:
    this.#printer.release(); // this does not happen then
    warning.cancel(); // nor does this
    return "The report.\n";
  }
}

export default new Reports();
