export { createGuardedHttp } from './http/client.js';
export type * from './http/types.js';
export type { Fault, OutboundError } from './outcome.js';
