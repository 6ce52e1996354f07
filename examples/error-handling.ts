// Error handling: what is no year is not found.
// Try: /2026 /abc /abc/def
import { html, notFound, Resource } from "weftline";

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
    if (!/^[12]\d{3}$/.test(name)) return notFound("Years are four digits, such as 2026.");
    return new YearPage(Number(name));
  }
}

export default new Calendar();
