// `weftline/servlet`: servlets in the idiom of OSE's netsvc, on the tree, the clock and the protocol of everything else.
export { Agent, type AgentOptions } from "./agent.ts";
export {
  BACKLOG,
  BACKLOG_BYTES,
  BLOCKED,
  CLEARED,
  type CongestionCallback,
  type CongestionStatus,
} from "./congestion.ts";
export {
  DEFAULT_SHUTDOWN_DELAY_MS,
  Dispatcher,
  type DispatcherOptions,
  SHUTDOWN_ARRIVED,
  SHUTDOWN_PENDING,
  type ShutdownCallback,
  type ShutdownPhase,
  type Signals,
} from "./dispatcher.ts";
export { EchoServlet } from "./echo-servlet.ts";
export { ErrorServlet } from "./error-servlet.ts";
export { FileServer, type PluginFactory } from "./file-server.ts";
export { FileServlet } from "./file-servlet.ts";
export { type FormFile, FormServlet } from "./form-servlet.ts";
export { HttpDaemon } from "./http-daemon.ts";
export { type Answerer, HttpServer, type ServletFactory } from "./http-server.ts";
export { type DestroyReason, HttpServlet } from "./http-servlet.ts";
export { IDLE_JOB, Job, type JobOptions, type JobType, PRIORITY_JOB, STANDARD_JOB } from "./job.ts";
export { type ModuleLoader, modulePlugin, type ServletModule } from "./module-plugin.ts";
export { OutOfOrderError, type ServletState } from "./out-of-order-error.ts";
export { RedirectServer } from "./redirect-server.ts";
export { REDIRECT_PERMANENT, REDIRECT_TEMPORARY, RedirectServlet } from "./redirect-servlet.ts";
