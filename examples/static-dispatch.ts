// Static dispatch: resources that were put at names.
// Try: /hello /notes/ /nothing
import { join } from "node:path";
import { Data, File, Resource } from "weftline";

const root = new Resource();
root.putChild("hello", new Data("Hello, world!\n", "text/plain; charset=utf-8"));
root.putChild("notes", new File(join(import.meta.dirname, "files", "notes")));

export default root;
