// `deep-tree.ts PORT`: a leaf at every depth, for how the cost of a request grows with it.
import { type Request, Resource, Site } from "weftline";

/** Answers for itself, and has a child `level` down to the last one. */
class Level extends Resource {
  constructor(below: number) {
    super();
    if (below > 0) this.putChild("level", new Level(below - 1));
  }

  override render_GET(request: Request): string {
    request.setHeader("Content-Type", "text/plain");
    return "leaf\n";
  }
}

const site = new Site(new Level(64));
const listener = await site.listen(`tcp:${process.argv[2] ?? 0}:interface=127.0.0.1`);
console.log(`ready: ${listener.url}`);
