// `weftline/testing`: a site in memory and its client, time that a test moves, and what is left over afterwards.
export type { CookieJar } from "./cookie-jar.ts";
export { ExplorationReport, type Finding } from "./exploration-report.ts";
export { type ExploreDisconnectsOptions, exploreDisconnects } from "./explore-disconnects.ts";
export { type ExploreTimingsOptions, exploreTimings } from "./explore-timings.ts";
export type { Scenario } from "./explored-run.ts";
export { FakeClock, type FakeClockOptions, type PendingCall } from "./fake-clock.ts";
export { type LeakCheck, LeakError, leakCheck } from "./leak-check.ts";
export {
  RecordedRequest,
  type RecordedRequestInit,
  type SentResponse,
} from "./recorded-request.ts";
export { ReplyError } from "./reply-error.ts";
export type { Piece, TestBody, TestHeaders, TestMessageInit } from "./request-message.ts";
export type { Drive, Program } from "./stage.ts";
export {
  TestClient,
  type TestClientInit,
  type TestClientOptions,
  type TestConnectOptions,
} from "./test-client.ts";
export type {
  PipelinedRequest,
  TestConnection,
  TestRequestInit,
} from "./test-connection.ts";
export type { FinishedReply, Informational, TestReply } from "./test-reply.ts";
