// Access logging: a line for each request, also for one that was given up, with the client that a proxy names.
// Try: / /nothing
import { combinedLogFormat, Data, Resource, type SiteOptions } from "weftline";

export const options: SiteOptions = {
  accessLog: (record) => console.log(combinedLogFormat(record)),
  trustedProxies: ["127.0.0.1"],
};

export default new Resource().putChild("", new Data("Hello!\n", "text/plain; charset=utf-8"));
