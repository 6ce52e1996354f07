// Handling posts: a form, and what becomes of it.
// Try: /
import { HttpError, html, type Request, Resource } from "weftline";

class FormPage extends Resource {
  override isLeaf = true;

  override render_GET() {
    return html`<!doctype html><title>A form</title>
<form method="post"><label>Say something <input name="text" required></label> <button>Send</button></form>`;
  }

  override async render_POST(request: Request) {
    const form = await request.form();
    const text = form.get("text");
    if (text === null) throw new HttpError(400, "The form has no text.");
    return html`<!doctype html><title>Thank you</title><p>You submitted: ${text}</p>`;
  }
}

export default new FormPage();
