// Session basics: a visitor who is known again, until the session is ended.
// Try: /
import { html, type Request, Resource, SessionSlot } from "weftline";

const name = new SessionSlot("name", () => "");

class Greeting extends Resource {
  override async render_GET(request: Request) {
    const session = await request.session();
    const isKnown = session.has(name);
    if (!isKnown) await session.set(name, `visitor ${request.id}`);
    return html`<!doctype html><title>Session</title>
<p>${isKnown ? "Welcome back" : "Welcome"}, ${session.get(name)}.</p>
<form method="post" action="expire"><button>Forget me</button></form>`;
  }
}

class Expire extends Resource {
  override async render_POST(request: Request) {
    const session = await request.session();
    await session.expire();
    return html`<!doctype html><title>Session</title>
<p>Your session has been expired.</p><p><a href="./">Begin a new one</a></p>`;
  }
}

export default new Resource().putChild("", new Greeting()).putChild("expire", new Expire());
