import type { Rendered } from "./body.ts";
import { HttpError } from "./http-error.ts";
import type { Request } from "./request.ts";

/** A render method, as found by name. */
type Render = (this: Resource, request: Request) => Rendered;

/**
 * A node of the tree that answers requests. Twisted's `IResource`.
 *
 * Subclass it and write `render_GET`, `render_POST` and so on; put it somewhere with {@link putChild}. One object answers all requests for its
 * place, also at the same time, so what belongs to one request does not belong in its fields.
 */
export class Resource {
  /** True takes the rest of the path: nobody is asked for children, the segments stay in `request.postpath`. */
  declare isLeaf: boolean;
  // Neither has an initializer nor is it #private: V8 makes such fields slowly where each subclass has a shape of its own, and a
  // dynamic child, which is made for each request, then takes 1.1 of the toolkit's CPU time.
  declare private staticChildren?: Map<string, Resource>;

  static {
    this.prototype.isLeaf = false;
  }

  render_GET?(request: Request): Rendered;
  render_HEAD?(request: Request): Rendered;
  render_POST?(request: Request): Rendered;
  render_PUT?(request: Request): Rendered;
  render_PATCH?(request: Request): Rendered;
  render_DELETE?(request: Request): Rendered;
  render_OPTIONS?(request: Request): Rendered;

  /** Puts `child` at the segment `name`, decoded; the empty name is the place behind a trailing slash. Replaces what was there. */
  putChild(name: string, child: Resource): this {
    if (typeof name !== "string") throw new TypeError("the name of a child is a string");
    if (name.includes("/"))
      throw new TypeError("the name of a child is one segment, without a slash");
    this.staticChildren ??= new Map();
    this.staticChildren.set(name, child);
    return this;
  }

  /** False when there was none. */
  delChild(name: string): boolean {
    return this.staticChildren?.delete(name) ?? false;
  }

  /** The names of the children that were put here, in the order in which they came. */
  listNames(): string[] {
    return [...(this.staticChildren?.keys() ?? [])];
  }

  /** The child that was put at `name`. */
  getStaticChild(name: string): Resource | undefined {
    return this.staticChildren?.get(name);
  }

  /** The child for a segment that nobody was put at: dynamic children are made here. Without it there is none, which is answered 404. */
  getChild(_name: string, _request: Request): Resource | Promise<Resource> {
    return NO_RESOURCE;
  }

  /** The child for a segment: the one put there, else what {@link getChild} says. This is what wrappers override. */
  getChildWithDefault(name: string, request: Request): Resource | Promise<Resource> {
    return this.staticChildren?.get(name) ?? this.getChild(name, request);
  }

  /**
   * Answers. Calls `render_METHOD`; HEAD falls back to GET, OPTIONS is answered with the methods there are, and any other one is refused 405 with them.
   *
   * A method of another name is found by it: `render_PROPFIND` answers PROPFIND.
   */
  render(request: Request): Rendered {
    switch (request.method) {
      case "GET":
        if (this.render_GET !== undefined) return this.render_GET(request);
        break;
      case "POST":
        if (this.render_POST !== undefined) return this.render_POST(request);
        break;
      case "HEAD":
        if (this.render_HEAD !== undefined) return this.render_HEAD(request);
        if (this.render_GET !== undefined) return this.render_GET(request);
        break;
      default: {
        const render = renderOf(this, request.method);
        if (render !== undefined) return render.call(this, request);
      }
    }
    return this.#refuse(request);
  }

  #refuse(request: Request): Rendered {
    const allow = allowedMethods(this).join(", ");
    if (request.method !== "OPTIONS") throw new HttpError(405, "", { headers: { Allow: allow } });
    request.setResponseCode(204);
    request.setHeader("Allow", allow);
    return "";
  }
}

/** Where there is nothing: answered 404 by `web/dispatch`, so that all such pages look the same. */
export class NoResource extends Resource {
  override isLeaf = true;

  override render(): Rendered {
    throw new HttpError(404);
  }
}

/** What `getChild` gives unless it is overridden. */
export const NO_RESOURCE: Resource = new NoResource();

/** The methods that `resource` answers, for Allow (RFC 9110 section 10.2.1). */
export function allowedMethods(resource: Resource): readonly string[] {
  const methods = new Set<string>();
  for (
    let object: object | null = resource;
    object !== null;
    object = Object.getPrototypeOf(object)
  ) {
    for (const name of Object.getOwnPropertyNames(object)) {
      if (name.startsWith(PREFIX) && renderOf(resource, name.slice(PREFIX.length)) !== undefined) {
        methods.add(name.slice(PREFIX.length));
      }
    }
  }
  if (methods.has("GET")) methods.add("HEAD");
  methods.add("OPTIONS");
  return [...methods].toSorted();
}

/** Whether it answers anything by itself, rather than only through its children. */
export function renders(resource: Resource): boolean {
  if (resource.render_GET !== undefined || resource.render !== Resource.prototype.render)
    return true;
  return allowedMethods(resource).length > 1;
}

const PREFIX = "render_";

function renderOf(resource: Resource, method: string): Render | undefined {
  const render: unknown = Reflect.get(resource, PREFIX + method);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its name says what it is
  return typeof render === "function" ? (render as Render) : undefined;
}
