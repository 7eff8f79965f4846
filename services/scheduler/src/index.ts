export { createCallbackDeliverer, type DelivererOptions } from './callbacks/deliverer.js';
export { createCallbackMetrics } from './callbacks/metrics.js';
export { startLoop, type Loop, type LoopOptions } from './loop.js';
export { createSchedulerMetrics } from './metrics.js';
export { createScheduler, type SchedulerOptions } from './scheduler.js';
