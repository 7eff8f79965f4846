export { MessagingUnavailableError } from './errors.js';
export type {
  CommittedRange,
  ControlHint,
  EventBus,
  Listener,
  Unsubscribe,
  Wakeup,
  WorkflowMessage,
} from './events/port.js';
export type { Log } from './log.js';
export {
  createMessaging,
  createPostgresMessaging,
  createRedisMessaging,
  DEFAULT_PREFIX,
  DEFAULT_QUEUE_SCHEMA,
  type Messaging,
  type MessagingConfig,
  type PostgresMessagingConfig,
  type RedisMessagingConfig,
} from './messaging.js';
export { migratePostgresQueue } from './queue/migrate-postgres.js';
export type {
  ConsumeOptions,
  ExecutionHint,
  ExecutionQueue,
  Health,
  HintHandler,
  Incarnation,
  QueueConsumer,
  QueueDepth,
} from './queue/port.js';
export type { QueueTiming } from './queue/store.js';
export { checkRedis, type RedisFinding, redisFindings } from './redis/check.js';
