import { transformConfiguration } from '@millrace/contracts';
import { withInput } from '@millrace/engine';
import type { StepImplementation, StepOutcome } from './types.js';
import type { Evaluated } from '@millrace/engine';

function toOutcome(evaluated: Evaluated): StepOutcome {
  return evaluated.ok ? { ok: true, output: evaluated.value } : evaluated;
}

export const transformStep: StepImplementation = {
  run({ config, input, scope, evaluate }) {
    const { expression } = transformConfiguration.parse(config);
    const evaluated = evaluate(expression, withInput(scope, input));
    return evaluated instanceof Promise ? evaluated.then(toOutcome) : toOutcome(evaluated);
  },
};
