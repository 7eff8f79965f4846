export {
  createProcessPool,
  type IsolatedResult,
  type ProcessPool,
  type ProcessPoolOptions,
  type RunOptions,
  siblingScript,
} from './pool.js';
export { type ProcessRestrictions, restrictionFlags } from './process.js';
export { type Exchange, serveIsolated } from './serve.js';
