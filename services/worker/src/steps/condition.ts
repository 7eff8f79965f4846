import { conditionConfiguration } from '@millrace/contracts';
import { compileCel } from '@millrace/engine';
import { type StepImplementation, stepFailed } from './types.js';

export const conditionStep: StepImplementation = {
  run({ config, input, scope }) {
    const { expression } = conditionConfiguration.parse(config);
    const compiled = compileCel(expression);
    if (!compiled.ok) {
      return stepFailed({
        code: 'expression_invalid',
        message: compiled.message,
        fault: 'workflow',
        retryable: false,
      });
    }
    const chosen = compiled.value.evaluateBoolean({ ...scope, input });
    if (!chosen.ok) return chosen;
    return { ok: true, output: { result: chosen.value }, branch: String(chosen.value) };
  },
};
