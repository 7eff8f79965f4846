/** The one door for tests and benchmarks to stores of their own. */
export { startPostgres } from './postgres.js';
export { startRedis } from './redis.js';
export { startThrowawayPostgres } from './throwaway.js';
