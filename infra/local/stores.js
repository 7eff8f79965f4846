/** The one door for tests and benchmarks: stores of their own, and what looks after processes. */
export { freePort } from './ports.js';
export { startPostgres } from './postgres.js';
export { isAlive } from './processes.js';
export { startRedis } from './redis.js';
export { startThrowawayPostgres } from './throwaway.js';
