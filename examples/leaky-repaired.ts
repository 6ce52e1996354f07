// Leaky, repaired: the same reports; a reader who leaves takes along what was begun for them.
// Try: /
import { Deferred, DeferredLock, deferLater, type Request, Resource } from "weftline";

export class Reports extends Resource {
  readonly #printer = new DeferredLock();

  override async render_GET(request: Request) {
    const { clock, signal, site } = request;
    // ends with the request
    request.callLater(10_000, () => site.log.warn({}, "a report takes long"));
    // leaves the line, or gives the printer back, whichever way the report ends
    const printing = this.#printer.run(() => deferLater(clock, 2_000));
    await Deferred.from(printing, { signal });
    return "The report.\n";
  }
}

export default new Reports();
