import { chooseCase } from '@millrace/engine';
import type { StepImplementation } from './types.js';

export const switchStep: StepImplementation = {
  run({ config, input, scope }) {
    const chosen = chooseCase(scope, { config, input });
    if (!chosen.ok) return chosen;
    const { branch, value } = chosen.value;
    return { ok: true, output: { branch, value }, branch };
  },
};
