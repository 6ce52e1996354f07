// HTTP authentication: whoever logs in gets a place of their own.
// Try: / /deeper
import { digest, Guard, html, type Request, Resource } from "weftline";

const passwords = { ada: "lovelace", grace: "hopper" };

class Home extends Resource {
  override isLeaf = true;
  readonly #user: string;

  constructor(user: string) {
    super();
    this.#user = user;
  }

  override render_GET(request: Request) {
    const path = request.postpath.join("/");
    return html`<!doctype html><title>Home</title><p>This is /${path} of ${this.#user}.</p>`;
  }
}

export default new Guard((user) => new Home(user), digest(passwords, { realm: "homes" }));
