export * from './pool.js';
export * from './queries/index.js';
