// Session endings: a session that ends when its visitor stays away for five seconds, and who is told of it.
// Try: /
import { html, type Request, Resource, SessionSlot, type SiteOptions } from "weftline";

export const options: SiteOptions = { session: { cookieName: "short_session", idleMs: 5_000 } };

const name = new SessionSlot("name", () => "");

class ShortSession extends Resource {
  override async render_GET(request: Request) {
    const session = await request.session();
    if (!session.has(name)) {
      const visitor = `visitor ${request.id}`;
      await session.set(name, visitor);
      session.notifyOnExpire(() => request.site.log.warn({ visitor }, "a session has ended"));
    }
    return html`<!doctype html><title>Session</title><p>You are ${session.get(name)}.</p>`;
  }
}

export default new ShortSession();
