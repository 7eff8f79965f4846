export { createEvaluator, type Evaluator } from './expressions/evaluator.js';
export { createSteps } from './steps/index.js';
export { createTelemetry, type Telemetry } from './telemetry.js';
export { createWorker, type WorkerOptions, type WorkerService } from './worker.js';
export { createWorkerMetrics } from './metrics.js';
