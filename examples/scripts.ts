// Scripts: files NAME.resource.ts in a folder answer at /NAME; edit one and load it again.
// Try: /hello /hello/deeper/path /asynchronous
import { join } from "node:path";
import { File, ScriptFolder } from "weftline";

const folder = join(import.meta.dirname, "scripts");

export default new ScriptFolder(folder, new File(folder, { listing: true }));
