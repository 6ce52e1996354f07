import { HttpError } from "../web/http-error.ts";
import type { readForm } from "../web/read-form.ts";
import { HttpServlet } from "./http-servlet.ts";

/** A file that came with a form. */
export type FormFile = Awaited<ReturnType<typeof readForm>>["files"][number];

type Pairs = Iterable<readonly [name: string, value: string]>;

/**
 * A servlet for a form: {@link handleRequest} is called when the fields are there, from the query of a GET or the body of a POST. netsvc's `FormServlet`.
 *
 * Other methods are answered 405 (in netsvc 501), a form that is malformed 400, one that is too long 413, one of another type 415. A body needs no length.
 */
export abstract class FormServlet extends HttpServlet {
  readonly #fields = new Map<string, string[]>();
  /** Files that came with the form, there until the request has ended. In netsvc a file is a field, and its name lost. */
  files: readonly FormFile[] = [];

  /** Called once, when the fields are ready. It answers, now or later, as `processRequest` does. */
  abstract handleRequest(): void | Promise<void>;

  override processRequest(): void | Promise<void> {
    const { request } = this;
    switch (request.method) {
      case "GET":
      case "HEAD":
        this.#take(request.query);
        return this.handleRequest();
      case "POST":
        return this.#takeForm();
      default:
        throw new HttpError(405, "", { headers: { Allow: "GET, HEAD, POST" } });
    }
  }

  /** Whether there is such a field; its value may be empty. */
  containsField(name: string): boolean {
    return this.#fields.has(name);
  }

  /**
   * The value of a field, the first one where it came several times; see {@link fieldValues}. One that is missing throws an error that is answered 400.
   *
   * Deviation: never a list, which netsvc gives when somebody sends a name twice, and which programs did not expect.
   */
  field(name: string): string {
    const [value] = this.#fields.get(name) ?? [];
    if (value === undefined)
      throw new HttpError(400, `The field ${JSON.stringify(name)} is missing.`);
    return value;
  }

  /** All values of a field, in order; none where it is missing. */
  fieldValues(name: string): readonly string[] {
    return this.#fields.get(name) ?? [];
  }

  /** All fields by name, each with its first value. An object without a prototype. */
  fields(): Readonly<Record<string, string>> {
    const fields: Record<string, string> = Object.create(null);
    for (const [name, [value = ""]] of this.#fields) fields[name] = value;
    return fields;
  }

  async #takeForm(): Promise<void> {
    const form = await this.request.form();
    this.files = form.files;
    this.#take(form);
    await this.handleRequest();
  }

  #take(pairs: Pairs): void {
    for (const [name, value] of pairs) {
      const values = this.#fields.get(name);
      if (values === undefined) this.#fields.set(name, [value]);
      else values.push(value);
    }
  }
}
