/**
 * Weftline, a toolkit for web resources that answer later.
 *
 * The house, from the ground up; imports go only downwards, and `spec/architecture.spec.ts` holds them to it:
 *
 * - `defer/` results that come later, and time
 * - `http/` HTTP/1.1 as a value: bytes in, events out
 * - `fields/` what header fields and forms mean
 * - `transport/` where bytes come from and go
 * - `channel/` a transport becomes exchanges (request and response)
 * - `web/` Request, Resource, Site, Session
 * - `resources/` ready-made resources
 * - `scripts/` resource files loaded from a folder
 * - `servlet/` the netsvc idiom on top of a resource
 * - `messaging/` publish, subscribe, call
 * - `testing/` the kit: a clock, a client, leak checks
 * - `inspector/` a page that shows the living tree
 * - `cli/` the command
 *
 * A request flows `transport/socket → channel/http1 (+ http/ parser) → Exchange → web/site → web/dispatch → your Resource`, and the answer
 * `web/dispatch → web/request → Exchange → transport/socket`.
 */
export type { Address } from "./channel/address.ts";
export type { CloseReport } from "./channel/connections.ts";
export { DisconnectedError, type DisconnectReason } from "./channel/disconnected-error.ts";
export type { Exchange, ExchangeListener, ResponseHead } from "./channel/exchange.ts";
export type { CloseOptions, Listener } from "./channel/listener.ts";
export { DEFAULT_TIMEOUTS, type Timeouts } from "./channel/timeouts.ts";
export {
  AlreadyCalledError,
  CancelledError,
  type Clock,
  type CooperateOptions,
  type CooperativeTask,
  cooperate,
  Deferred,
  DeferredList,
  type DeferredListOptions,
  DeferredLock,
  type DeferredOutcome,
  DeferredQueue,
  type DeferredQueueOptions,
  DeferredSemaphore,
  type DelayedCall,
  deferLater,
  FailureGroup,
  FirstError,
  type FromOptions,
  gatherResults,
  LoopingCall,
  type LoopingCallOptions,
  maybeDeferred,
  QueueOverflow,
  QueueUnderflow,
  type Reporter,
  race,
  setReporter,
  systemClock,
  TaskFinished,
  TaskStopped,
  TimeoutError,
  type WithTimeoutOptions,
  withTimeout,
} from "./defer/index.ts";
export type { CookieOptions } from "./fields/cookies.ts";
export { type DigestAlgorithm, digestSecret } from "./fields/digest.ts";
export { Form, type UploadedFile } from "./fields/form.ts";
export {
  hashPassword,
  type PasswordCost,
  type Passwords,
  parsePasswords,
  verifyPassword,
} from "./fields/password.ts";
export { sameSecret } from "./fields/secrets.ts";
export {
  type Issue,
  type SchemaIssue,
  type SchemaOutput,
  type SchemaResult,
  type StandardSchema,
  ValidationError,
} from "./fields/standard-schema.ts";
export { Headers } from "./http/headers.ts";
export { AddHeaders, type Field } from "./resources/add-headers.ts";
export {
  COMPRESS_AT_ONCE,
  COMPRESS_MIN_BYTES,
  Compress,
  type CompressOptions,
} from "./resources/compress.ts";
export type { Packing } from "./resources/compressor.ts";
export { Cors, type CorsOptions } from "./resources/cors.ts";
export {
  CrossOriginProtection,
  type CrossOriginProtectionOptions,
} from "./resources/cross-origin-protection.ts";
export { Data } from "./resources/data.ts";
export { errorPage, forbidden, notFound } from "./resources/error-pages.ts";
export { File } from "./resources/file.ts";
export type { FileOptions, FileProcessor } from "./resources/file-options.ts";
export { Guard, type Guarded, type GuardOptions } from "./resources/guard.ts";
export type { AttemptLimits } from "./resources/guard-attempts.ts";
export {
  type AuthScheme,
  basic,
  bearer,
  type Checked,
  type DigestLookup,
  type DigestOptions,
  type DigestPassword,
  digest,
  type Identity,
  type PasswordCheck,
  type RealmOptions,
  type SessionLoginOptions,
  sessionLogin,
} from "./resources/guard-schemes.ts";
export { Html, type HtmlChild, type HtmlValue, html, raw } from "./resources/html.ts";
export { NameVirtualHost, type NameVirtualHostOptions } from "./resources/name-virtual-host.ts";
export { ParentRedirect, Redirect, type RedirectOptions } from "./resources/redirect.ts";
export { Rewrite, type RewriteRule } from "./resources/rewrite.ts";
export {
  DEFAULT_SECURITY_HEADERS,
  SecurityHeaders,
  type SecurityHeadersOptions,
} from "./resources/security-headers.ts";
export type { ScriptContext } from "./scripts/script.ts";
export { ScriptFolder } from "./scripts/script-folder.ts";
export { type LoadedModule, loadModule } from "./scripts/script-loader.ts";
export { Scripts, type ScriptsOptions } from "./scripts/scripts.ts";
export {
  type AccessRecord,
  combinedLogFormat,
  jsonLogFormat,
  type Outcome,
} from "./web/access-log.ts";
export { type Body, NOT_DONE_YET, type NotDoneYet, type Rendered } from "./web/body.ts";
export type { CrossOriginOptions } from "./web/cross-origin.ts";
export type { ErrorPage } from "./web/error-page.ts";
export { FinishedError } from "./web/finished-error.ts";
export { HttpError } from "./web/http-error.ts";
export { DEFAULT_LIMITS, type Limits } from "./web/limits.ts";
export { type Logger, standardLog } from "./web/log.ts";
export { Request } from "./web/request.ts";
export { Resource } from "./web/resource.ts";
export {
  type Session,
  type SessionOptions,
  SessionSlot,
} from "./web/session.ts";
export {
  MemorySessionStore,
  type SessionLife,
  type SessionRecord,
  type SessionStore,
} from "./web/session-store.ts";
export { Site, type SiteOptions } from "./web/site.ts";
