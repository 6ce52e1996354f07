// Session store: an object of one's own, kept in the session from visit to visit.
// Try: /
import { html, type Request, Resource, SessionSlot } from "weftline";

const visits = new SessionSlot("visits", () => 0);

class CounterPage extends Resource {
  override async render_GET(request: Request) {
    const session = await request.session();
    const count = session.get(visits) + 1;
    await session.set(visits, count);
    return html`<!doctype html><title>Visits</title><p>Visit #${count} for you!</p>`;
  }
}

export default new CounterPage();
