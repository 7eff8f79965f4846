export { type Caller } from './caller.js';
export { createApiDatabase, type ApiDatabase, type ApiDatabaseOptions } from './data-source.js';
export { migrate, rollback, type MigrateOptions } from './migrate.js';
export { InvalidCursorError, type Page, type PageRequest } from './paging.js';
export {
  createPool,
  type Database,
  type DatabaseRole,
  inTransaction,
  type PoolOptions,
  type Queryable,
} from './pool.js';
export * from './queries/index.js';
export type { AccessRepository } from './repositories/access.js';
export type { ApiKey, ApiKeyRepository, NewApiKey } from './repositories/api-keys.js';
export type {
  CallbackFilter,
  CallbackRecord,
  CallbackRepository,
  WorkflowCallbackRecord,
} from './repositories/callbacks.js';
export type {
  DeadLetterFilter,
  DeadLetterRecord,
  DeadLetterRepository,
} from './repositories/dead-letters.js';
export type {
  ApprovalConditions,
  ApprovalFilter,
  ApprovalRecord,
  ApprovalRepository,
} from './repositories/approvals.js';
export type { DraftRepository, DraftWrite } from './repositories/drafts.js';
export type {
  EventFilter,
  EventRepository,
  EventWaitFilter,
  EventWaitRecord,
  KeptEventRecord,
} from './repositories/events.js';
export {
  readExecution,
  type ExecutionFilter,
  type ExecutionRecord,
  type ExecutionRepository,
} from './repositories/executions.js';
export type { RecentRunRecord } from './repositories/recent-runs.js';
export type { CallerRepositories, PlatformRepositories } from './repositories/index.js';
export type { LoginFailureRepository, LoginThrottle } from './repositories/login-failures.js';
export type {
  LoginSession,
  LoginSessionRepository,
  NewLoginSession,
  Renewed,
  Rotation,
  SeenFrom,
} from './repositories/login-sessions.js';
export type {
  BlobRecord,
  BlobRepository,
  StepLogRecord,
  StepLogRepository,
} from './repositories/payloads.js';
export type { NewSecret, SecretRecord, SecretRepository, SecretWrite } from './repositories/secrets.js';
export type {
  ConsumedTicket,
  NewStreamTicket,
  StreamTicketRepository,
} from './repositories/stream-tickets.js';
export type { CountRecord } from './repositories/execution-counts.js';
export type { ExecutionConditions } from './queries/execution-filter.js';
export { UnstorableTextError } from './repositories/text.js';
export { TakesTooLongError } from './repositories/time-limit.js';
export type { NewUser, User, UserChanges, UserRepository } from './repositories/users.js';
export type {
  DeliveryRecord,
  NewWebhook,
  SealedSecrets,
  WebhookChanges,
  WebhookRecord,
  WebhookRepository,
} from './repositories/webhooks.js';
export type { WorkerCount, WorkerRepository } from './repositories/workers.js';
export type { WorkflowFilter } from './repositories/workflow-list.js';
export type {
  DraftRecord,
  WorkflowRecord,
  WorkflowSummaryRecord,
  WorkflowVersionRecord,
  WorkflowVersionSummary,
} from './repositories/workflow-shapes.js';
export type { WorkflowVersionRepository } from './repositories/workflow-versions.js';
export type {
  NewWorkflow,
  WorkflowPatch,
  WorkflowRepository,
  WorkflowUpdate,
  WorkflowWrite,
} from './repositories/workflows.js';
export {
  createKeyring,
  type Keyring,
  type KeyringOptions,
  type Opened,
  type Place,
  type Sealed,
} from './secrets/keyring.js';
export {
  openText,
  placeOfCallbackHeaders,
  placeOfSigningSecret,
  placeOfWebhookSecret,
  sealText,
} from './secrets/sealed-text.js';
export {
  appliedMigrations,
  assertSchema,
  EXPECTED_MIGRATIONS,
  SchemaMismatchError,
} from './schema-version.js';
