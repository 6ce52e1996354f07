// A form, and a redirect for those who fill it in well.
import { timingSafeEqual } from "node:crypto";
import { FormServlet } from "weftline/servlet";

const PAGE = `<!doctype html><title>Login</title>
<form method="post"><input name="user"> <input name="pass" type="password"> <button>Log in</button></form>
`;

export class Login extends FormServlet {
  override handleRequest(): void {
    if (this.requestMethod() !== "POST") return this.#show();
    if (!this.containsField("user") || !this.containsField("pass")) return this.sendError(400);
    if (!isRight(this.field("user"), this.field("pass"))) return this.sendError(403, "Try again.");
    this.sendResponse(303);
    this.sendHeader("Location", `${this.serverRoot()}/`);
    this.endHeaders();
    this.endContent();
  }

  #show(): void {
    this.sendResponse(200);
    this.sendHeader("Content-Type", "text/html; charset=utf-8");
    this.endHeaders();
    this.sendContent(PAGE);
    this.endContent();
  }
}

export function isRight(user: string, pass: string): boolean {
  const [given, right] = [Buffer.from(pass.padEnd(32)), Buffer.from("secret".padEnd(32))];
  return user === "jo" && given.length === right.length && timingSafeEqual(given, right);
}
