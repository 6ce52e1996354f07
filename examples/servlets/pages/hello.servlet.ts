// Found at hello.html. An edit of this file, or of layout.ts, shows at the next request.
import { Layout } from "./layout.ts";

class Hello extends Layout {
  override processRequest(): void {
    this.show("Hello", "This page is a program.");
  }
}

// oxlint-disable-next-line no-underscore-dangle -- the name that netsvc has for it
export const __servlet__ = Hello;
