import type { Rendered } from "../web/body.ts";
import type { Request } from "../web/request.ts";
import { Resource } from "../web/resource.ts";

/** A field: its name and its value. */
export type Field = readonly [name: string, value: string];

/**
 * Around any resource: adds fields to whatever is answered below it, pages of errors included.
 *
 * They are added on the way in, so that the resource sees them in `responseHeaders` and may change them. Twisted's `AddHeadersResource`.
 */
export class AddHeaders extends Resource {
  readonly #wrapped: Resource;
  readonly #fields: readonly Field[];
  readonly #seen = new WeakSet<Request>();

  constructor(wrapped: Resource, fields: readonly Field[]) {
    super();
    this.#wrapped = wrapped;
    this.#fields = fields;
    this.isLeaf = wrapped.isLeaf;
  }

  override getChildWithDefault(name: string, request: Request): Resource | Promise<Resource> {
    this.#add(request);
    return this.#wrapped.getChildWithDefault(name, request);
  }

  override render(request: Request): Rendered {
    this.#add(request);
    return this.#wrapped.render(request);
  }

  /** Once: one that was asked for a child may be rendered itself in the end. */
  #add(request: Request): void {
    if (this.#seen.has(request)) return;
    this.#seen.add(request);
    for (const [name, value] of this.#fields) request.addLasting(name, value);
  }
}
