// Static content: a folder of files, and a page that lists what is in it.
// Try: / /hello.txt /notes /data.unknown /nothing
import { join } from "node:path";
import { File } from "weftline";

export default new File(join(import.meta.dirname, "files"), { listing: true });
