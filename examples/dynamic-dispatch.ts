// Dynamic dispatch: a resource is made of a segment of the path, here of a year.
// Try: /2026 /abc
import { html, Resource } from "weftline";

class YearPage extends Resource {
  readonly #year: number;

  constructor(year: number) {
    super();
    this.#year = year;
  }

  override render_GET() {
    const first = new Date(Date.UTC(this.#year, 0, 1));
    const weekday = new Intl.DateTimeFormat("en", { weekday: "long", timeZone: "UTC" });
    return html`<!doctype html><title>${this.#year}</title><p>${this.#year} begins on a ${weekday.format(first)}.</p>`;
  }
}

class Calendar extends Resource {
  override getChild(name: string) {
    return new YearPage(Number.parseInt(name, 10)); // what is no number fails in render_GET
  }
}

export default new Calendar();
