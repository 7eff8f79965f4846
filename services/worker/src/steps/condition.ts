import { evaluateCondition } from '@millrace/engine';
import type { StepImplementation } from './types.js';

export const conditionStep: StepImplementation = {
  run({ config, input, scope }) {
    const chosen = evaluateCondition(scope, { config, input });
    if (!chosen.ok) return chosen;
    return { ok: true, output: { result: chosen.value }, branch: String(chosen.value) };
  },
};
