/** The door `weftline/defer`: results that come later, and time. */
export { type Clock, type DelayedCall, systemClock } from "./clock.ts";
export {
  type CooperateOptions,
  type CooperativeTask,
  cooperate,
  TaskFinished,
  TaskStopped,
} from "./cooperate.ts";
export { deferLater } from "./defer-later.ts";
export { Deferred, type FromOptions } from "./deferred.ts";
export {
  DeferredList,
  type DeferredListOptions,
  type DeferredOutcome,
  FirstError,
  gatherResults,
} from "./deferred-list.ts";
export { DeferredLock } from "./deferred-lock.ts";
export {
  DeferredQueue,
  type DeferredQueueOptions,
  QueueOverflow,
  QueueUnderflow,
} from "./deferred-queue.ts";
export { DeferredSemaphore } from "./deferred-semaphore.ts";
export { AlreadyCalledError, CancelledError, TimeoutError } from "./errors.ts";
export { LoopingCall, type LoopingCallOptions } from "./looping-call.ts";
export { maybeDeferred } from "./maybe-deferred.ts";
export { FailureGroup, race } from "./race.ts";
export { type Reporter, setReporter } from "./report.ts";
export { type WithTimeoutOptions, withTimeout } from "./with-timeout.ts";
