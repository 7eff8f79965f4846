import type { LoopImplementation } from './types.js';

/** Its conditions are the engine's to ask, between the iterations. */
export const repeatStep: LoopImplementation = {
  plan: () => ({ ok: true, value: { concurrency: 1 } }),
};
