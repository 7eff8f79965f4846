export * from './auth/index.js';
export { ConfigError, type ConfigProblem, loadConfig } from './config/load.js';
export {
  accountsConfig,
  authConfig,
  callbackConfig,
  consoleConfig,
  databaseConfig,
  httpConfig,
  llmConfig,
  localConfig,
  loggingConfig,
  outboundConfig,
  redisConfig,
  secretsConfig,
  serviceConfig,
  toolsConfig,
  workerConfig,
} from './config/sections.js';
export { type Setting, SETTINGS } from './config/settings.js';
export * from './errors/api-error.js';
export { isDatabaseUnavailable } from './errors/postgres.js';
export { type ProblemAnswer, toProblem } from './errors/to-problem.js';
export { invalidRequest, parseRequest, type RequestPart, validationFailed } from './errors/validation.js';
export {
  type ComponentCheck,
  type ComponentHealth,
  createHealth,
  type Health,
  type HealthOptions,
  type HealthReport,
} from './health.js';
export { composeLifecycles, createLifecycle, type Lifecycle, type LifecycleSteps } from './lifecycle.js';
export { createLogger, type Logger, type LoggerOptions, type LogLevel } from './logger.js';
export { connectMessaging, type MessagingSettings } from './messaging.js';
export {
  type CounterName,
  createMetrics,
  DURATION_BUCKETS,
  type GaugeName,
  type HistogramName,
  type HttpHandler,
  type MetricOptions,
  type Metrics,
  metricsHandler,
} from './metrics.js';
export {
  close,
  createMetricsServer,
  type HealthHandlers,
  healthHandlers,
  listen,
  type MetricsServer,
  type MetricsServerOptions,
} from './metrics-server.js';
export { isOriginOf } from './origins.js';
export { redact, redactText } from './redaction.js';
export { runService, type ServiceContext, type ServiceOptions } from './run-service.js';
export { generateSigningSecret, signingKey, signStandardWebhook } from './standard-webhooks.js';
export { explainStartFailure, StartError } from './start-failure.js';
export { VERSION } from './version.js';
