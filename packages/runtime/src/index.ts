export {
  type ApprovalRules,
  type DecideApproval,
  type DecideOutcome,
  type Decider,
  rightToDecide,
} from './approvals.js';
export type { AppendAnswer, AppendRequest } from './append.js';
export { byteLength, parseBlobReference, type StoredOutput } from './blobs.js';
export type { CancelAnswer, CancelRequest } from './cancel.js';
export type { ChildParent, ChildRequest, ChildStart } from './children.js';
export type { ClaimAnswer } from './claim.js';
export { CRASH_POINTS, type CrashPoint, type CrashProbe } from './crash-points.js';
export { fingerprintOf } from './fingerprint.js';
export { secondsBetween, toExecutionResource } from './execution-resource.js';
export type { ExternalEvent, SendOutcome } from './external-events.js';
export { toFrame } from './frames.js';
export { type History, openHistory } from './history.js';
export type { Lease, LeaseOptions } from './lease.js';
export type { HeldExecution } from '@millrace/persistence';
export type { Claim } from './recover.js';
export { checkParametersSchema } from './parameters/schema.js';
export { createParametersValidator, type ParametersValidator } from './parameters/validator.js';
export { type LoadedPlan, type Plans, PlanUnavailableError } from './plans.js';
export type { RepeatRequest, Repeats } from './repeat.js';
export { createRuntime, type Runtime, type RuntimeOptions, type WorkerDoor } from './runtime.js';
export { DEFAULT_SETTINGS, type RuntimeSettings } from './settings.js';
export type { SteerAnswer, Steering, SteerRequest } from './steer.js';
export type { SubmitOutcome, SubmitRequest } from './submit.js';
export type { Sweeps } from './sweeps.js';
export type { Version, Versions } from './versions.js';
export {
  createFeed,
  type Feed,
  type FeedOptions,
  type FollowedStream,
  type ResumeAllOutcome,
  type ResumeOutcome,
} from './feed/feed.js';
export type { FeedEvent, FeedTransient } from './feed/frame.js';
export { MAX_SNAPSHOT } from './feed/snapshot.js';
export type { FeedSink } from './feed/subscription.js';
export type { OpenWait, WaitingExecution } from './waits.js';
