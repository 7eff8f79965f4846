import { transformConfiguration } from '@millrace/contracts';
import { withInput } from '@millrace/engine';
import type { StepImplementation, StepOutcome, WithText } from './types.js';

function toOutcome(evaluated: WithText): StepOutcome {
  if (!evaluated.ok) return evaluated;
  const { value, json } = evaluated;
  return { ok: true, output: value, ...(json && { json }) };
}

export const transformStep: StepImplementation = {
  run({ config, input, scope, evaluate }) {
    const { expression } = transformConfiguration.parse(config);
    const evaluated = evaluate(expression, withInput(scope, input));
    return evaluated instanceof Promise ? evaluated.then(toOutcome) : toOutcome(evaluated);
  },
};
