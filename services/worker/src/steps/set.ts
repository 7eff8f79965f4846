import type { StepImplementation } from './types.js';

export const setStep: StepImplementation = {
  run: ({ config }) => ({ ok: true, output: config['values'] ?? {} }),
};
